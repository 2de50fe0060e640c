import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createSpecDesk, type SpecDesk } from '../../compute/jobs/spec-desk.ts'
import { createSpecLedger } from '../../compute/jobs/spec-ledger.ts'
import { createSpecsInForce } from '../../compute/jobs/specs-in-force.ts'
import { systemClock } from '../../lib/clock.ts'
import { silentLogger } from '../../lib/logger.ts'
import { findingRegistry } from '../../slo-specs/schema/finding-codes.ts'
import { loadSpecs } from '../../slo-specs/schema/load.ts'
import { insertSpans, openTestStore } from '../compute/jobs/spans.ts'

const samples = new URL('samples/', import.meta.url)
const codes = Object.keys(findingRegistry)
const names = (kind: 'good' | 'bad') => readdirSync(new URL(`${kind}/`, samples)).sort()
const codeOf = (name: string) => name.replace(/(-.*)?\.yaml$/, '')

/** An hour of one shop's traces, as a running instance would have them. */
const startMs = Math.floor(Date.now() / 3_600_000) * 3_600_000 - 7_200_000
const clock = { now: () => startMs + 3_600_000, sleep: systemClock.sleep }
let desk: SpecDesk
let close: () => Promise<void>

beforeAll(async () => {
  const opened = await openTestStore()
  close = opened.close
  const spans = Array.from({ length: 600 }, (_, index) => ({
    atMs: startMs + index * 6000,
    name: 'GET /',
    kind: 'Server',
    status: 'Unset',
    durationNs: 1n,
    resource: { 'service.name': 'shop' },
    attributes: { 'http.response.status_code': '200' },
  }))
  await insertSpans(opened.store.writer, spans, 'spans')
  const ledger = createSpecLedger({ writer: opened.store.writer, clock })
  const inForce = createSpecsInForce({ ledger, logger: silentLogger })
  desk = createSpecDesk({ reader: opened.store.reader, ledger, inForce, clock })
})
afterAll(() => close())

/**
 * A sample's first line may lower a limit that no committed file should reach (`# limits: {"maxFileBytes": 100}`), say that the
 * sample is a symbolic link (`# link: target`), which is made where the test runs, or that it is held against data (`# data: …`).
 */
async function findingsOf(kind: 'good' | 'bad', name: string) {
  const path = `test/slo-specs/samples/${kind}/${name}`
  const head = readFileSync(path, 'latin1').slice(0, 200)
  const [, target] = /^# link: (.*)$/m.exec(head) ?? []
  const [, json = '{}'] = /^# limits: (.*)$/m.exec(head) ?? []
  if (/^# data: /m.test(head)) {
    const { findings, plan } = await desk.plan([{ file: path, text: readFileSync(path, 'utf8') }], { days: 1 })
    return { specs: plan, findings }
  }
  const limits = z.record(z.string(), z.number()).parse(JSON.parse(json))
  if (target === undefined) return loadSpecs([path], { limits })
  const folder = mkdtempSync(join(tmpdir(), 'ninefold-specs-'))
  try {
    symlinkSync(target, join(folder, name))
    const { findings, specs } = await loadSpecs([folder])
    return { specs, findings: findings.map(finding => ({ ...finding, file: name })) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe('the registry of findings', () => {
  it('is what docs/errors-specs.md says, code by code', async () => {
    await expect(pageOf()).toMatchFileSnapshot('../../docs/errors-specs.md')
  })

  it('has a bad and a good sample for every code, and no sample of an unknown one', () => {
    expect([...new Set(names('bad').map(codeOf))].sort()).toEqual([...codes].sort())
    expect(names('good')).toEqual(names('bad'))
  })

  it('ends every remedy as a sentence', () => {
    for (const [code, { remedy }] of Object.entries(findingRegistry)) expect(remedy, code).toMatch(/^[A-Z].*\.$/)
  })
})

describe('a bad sample', () => {
  it.each(names('bad'))('%s is found out, with its position and nothing else wrong', async name => {
    const { findings, specs } = await findingsOf('bad', name)
    expect([...new Set(findings.map(({ code }) => code))]).toEqual([codeOf(name)])
    expect(specs === null).toBe(findings.some(({ severity }) => severity === 'error'))
    expect(findings).toMatchSnapshot()
  })
})

describe('a good sample', () => {
  it.each(names('good'))('%s has no findings', async name => {
    const { findings, specs } = await findingsOf('good', name)
    expect(findings).toEqual([])
    expect(specs).not.toBeNull()
  })
})

function pageOf(): string {
  const rows = Object.entries(findingRegistry).map(
    ([code, { severity, remedy }]) => `| \`${code}\` | ${severity} | ${remedy} |`,
  )
  return `# Findings in specs

Every problem that \`ninefold validate\` finds is printed as \`file:line:column  CODE  message — what to do\`; the API serves the same
fields. With an *error*, the last good revision keeps serving; a *warning* changes nothing. A bad and a good example of each is in
\`test/slo-specs/samples\`. Codes of Ninefold's other errors: [errors.md](errors.md).

| code | severity | what to do |
|---|---|---|
${rows.join('\n')}
`
}
