import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createNoopMeter } from '@opentelemetry/api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { planReply } from '../../../api/schemas/spec-replies.ts'
import type { Listening } from '../../../api/server.ts'
import { planCommand } from '../../../cli/commands/plan.ts'
import { writeInstanceFile } from '../../../cli/instance/running-instance.ts'
import { createEvaluator } from '../../../compute/jobs/evaluator.ts'
import { createSpecDesk } from '../../../compute/jobs/spec-desk.ts'
import { createSpecLedger } from '../../../compute/jobs/spec-ledger.ts'
import { createSpecsInForce } from '../../../compute/jobs/specs-in-force.ts'
import { systemClock } from '../../../lib/clock.ts'
import { silentLogger } from '../../../lib/logger.ts'
import { loadSpecs } from '../../../slo-specs/schema/load.ts'
import { startApi } from '../../api/api-under-test.ts'
import { insertSpans, openTestStore } from '../../compute/jobs/spans.ts'
import { runCommand } from './run-command.ts'

const before = 'test/cli/commands/specs/plan-before.yaml'
const after = 'test/cli/commands/specs/plan-after.yaml'
const minuteMs = 60_000
const startMs = Math.floor(Date.now() / 86_400_000) * 86_400_000 - 86_400_000
const nowMs = startMs + 180 * minuteMs
const clock = { now: () => nowMs, sleep: systemClock.sleep }
let folder: string
let api: Listening
let close: () => Promise<void>

/** Twenty requests a minute for three hours; of those between 01:00 and 01:30 half fail. */
const spans = Array.from({ length: 180 * 20 }, (_, index) => {
  const minute = Math.floor(index / 20)
  return {
    atMs: startMs + index * 3000,
    name: 'POST /orders',
    kind: 'Server',
    status: minute >= 60 && minute < 90 && index % 2 === 0 ? 'Error' : 'Unset',
    durationNs: 1n,
    resource: { 'service.name': 'checkout' },
    attributes: {},
  }
})

beforeAll(async () => {
  const opened = await openTestStore()
  close = opened.close
  const { store } = opened
  await insertSpans(store.writer, spans, 'spans')
  const { specs } = await loadSpecs([before])
  if (specs === null) throw new Error('the specs in force have errors')
  const ledger = createSpecLedger({ writer: store.writer, clock })
  const inForce = createSpecsInForce({ ledger, logger: silentLogger })
  inForce.adopt(specs)
  const options = { store, specs: inForce.current, senders: [], clock, logger: silentLogger, meter: createNoopMeter() }
  await createEvaluator(options).tick()
  const specDesk = createSpecDesk({ reader: store.reader, ledger, inForce, clock })
  api = await startApi({ specDesk, clock })
  folder = mkdtempSync(join(tmpdir(), 'ninefold-plan-'))
  writeInstanceFile(folder, { pid: process.pid, apiUrl: api.url })
}, 60_000)
afterAll(async () => {
  await api.close()
  await close()
  rmSync(folder, { recursive: true })
})

const plan = (...args: string[]) => runCommand(planCommand, '--data', folder, ...args)
/** The three hours are those of yesterday. */
const undated = (text: string) => text.replace(/\d{4}-\d{2}-\d{2}/g, 'YYYY-MM-DD')
const golden = (name: string) => `golden/plan-${name}`

describe('ninefold plan', () => {
  it('prints what the change does, and the page that it would have sent during the incident', async () => {
    const { code, out, notes } = await plan(after)
    expect({ code, notes }).toEqual({ code: 0, notes: '' })
    await expect(undated(out)).toMatchFileSnapshot(golden('tighter.text'))
    expect(undated(out)).toMatch(/\+ YYYY-MM-DD 01:\d\d {2}page for/)
  })

  it('writes the same for a pull request', async () => {
    const { code, out } = await plan(after, '--format', 'markdown')
    expect(code).toBe(0)
    await expect(undated(out)).toMatchFileSnapshot(golden('tighter.md'))
  })

  it('gives every number as JSON', async () => {
    const { code, out } = await plan(after, '--json')
    expect(code).toBe(0)
    const { plan: only } = planReply.parse(JSON.parse(out))
    expect(only?.beforeRevision).not.toBe(only?.afterRevision)
    await expect(undated(out)).toMatchFileSnapshot(golden('tighter.json'))
  })

  it('of the specs in force finds nothing to change', async () => {
    const { code, out } = await plan(before)
    expect(code).toBe(0)
    expect(out).toMatch(/^0 changed, 0 added, 0 removed, 2 unchanged/)
  })

  it.each([
    ['pages > 0', 1],
    ['new-pages > 0', 1],
    ['new-exhausted > 0', 1],
    ['pages > 100', 0],
    ['removed > 0', 0],
  ])('with --fail-if "%s" ends with %i', async (policy, code) => {
    const run = await plan(after, '--fail-if', policy)
    expect(run.code).toBe(code)
    expect(run.notes.includes(`--fail-if "${policy}"`)).toBe(code === 1)
  })

  it.each([['pages'], ['pags > 1'], ['pages > 1 or tickets > 1'], ['constructor > 1']])(
    'refuses the policy "%s" before anything is replayed',
    async policy => {
      await expect(plan(after, '--fail-if', policy)).rejects.toMatchObject({ code: 'USAGE' })
    },
  )

  it('of files with errors prints the findings and ends with 1', async () => {
    const broken = join(folder, 'broken.yaml')
    writeFileSync(broken, readFileSync(after, 'utf8').replace('target: 0.99', 'target: 1'))
    const { code, out, notes } = await plan(broken)
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(notes).toMatch(/broken\.yaml:\d+:\d+ {2}SPEC_OBJECTIVE_100 /)
  })

  it('validates over the API what the command line validates', async () => {
    const ask = async (body: unknown) => {
      const response = await fetch(`${api.url}/api/v1/specs:validate`, { method: 'POST', body: JSON.stringify(body) })
      return { status: response.status, body: (await response.json()) as Record<string, unknown> }
    }
    const files = [{ file: 'after.yaml', text: readFileSync(after, 'utf8') }]
    expect((await ask({ files })).body).toMatchObject({ slos: 2, findings: [] })
    const bad = await ask({ files: [{ file: 'a.yaml', text: 'kind: SLO' }] })
    expect(bad.body).toMatchObject({ slos: null, findings: [{ file: 'a.yaml', code: 'SPEC_MISSING_FIELD', line: 1 }] })
    expect((await ask({ file: 'a.yaml' })).status).toBe(400)
    expect((await ask({ files: [{ file: 'a.yaml', text: ' '.repeat(3_000_000) }] })).status).toBe(200)
  })

  it('takes no other days and formats than it can do', async () => {
    await expect(plan(after, '--days', '0')).rejects.toMatchObject({ code: 'USAGE' })
    await expect(plan(after, '--format', 'html')).rejects.toMatchObject({ code: 'USAGE' })
  })
})
