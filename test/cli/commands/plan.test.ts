import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { planReply } from '../../../api/schemas/spec-replies.ts'
import { planCommand } from '../../../cli/commands/plan.ts'
import { type Incident, openIncident, undated } from './incident.ts'
import { runCommand } from './run-command.ts'

const before = 'test/cli/commands/specs/plan-before.yaml'
const after = 'test/cli/commands/specs/plan-after.yaml'
let incident: Incident

beforeAll(async () => {
  incident = await openIncident()
}, 60_000)
afterAll(() => incident.close())

const plan = (...args: string[]) => runCommand(planCommand, '--data', incident.folder, ...args)
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
    expect(out).toBe('0 changed, 0 added, 0 removed, 2 unchanged; there was nothing to replay\n')
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
    const broken = join(incident.folder, 'broken.yaml')
    writeFileSync(broken, readFileSync(after, 'utf8').replace('target: 0.99', 'target: 1'))
    const { code, out, notes } = await plan(broken)
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(notes).toMatch(/broken\.yaml:\d+:\d+ {2}SPEC_OBJECTIVE_100 /)
  })

  it('validates over the API what the command line validates', async () => {
    const ask = async (body: unknown) => {
      const response = await fetch(`${incident.api.url}/api/v1/specs:validate`, {
        method: 'POST',
        body: JSON.stringify(body),
      })
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
