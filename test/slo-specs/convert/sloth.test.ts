import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseAllDocuments, stringify } from 'yaml'
import { z } from 'zod'
import { exportSloth } from '../../../slo-specs/schema/convert/export-sloth.ts'
import { importSloth } from '../../../slo-specs/schema/convert/import-sloth.ts'
import { writeDefinitions } from '../../../slo-specs/schema/convert/write-definitions.ts'
import { loadLadder } from '../../../slo-specs/schema/ladder.ts'
import type { Slo, SpecSet } from '../../../slo-specs/schema/model.ts'
import { realPart } from '../../real-parts/install.ts'
import { parse } from '../parse.ts'

/** Beside the real Sloth: what is brought along burns like the original, and what is written is what Sloth reads. */

const standard = await loadLadder()
const options = { standard, prometheus: 'http://prometheus:9090' }
// Sloth takes no name with a space.
const original = readFileSync('test/cli/commands/specs/foreign/sloth.yaml', 'utf8').replace(
  'Queue Delay',
  'queue-delay',
)

function imported(text: string, period: '30d' | '28d' = '30d'): SpecSet {
  const { definitions, findings } = importSloth([{ file: 'sloth.yaml', text }], { ...options, period })
  expect(findings).toEqual([])
  const { specs, findings: found } = parse(writeDefinitions(definitions))
  expect(found.filter(({ severity }) => severity === 'error')).toEqual([])
  if (specs === null) throw new Error('what was imported has errors')
  return specs
}

const exported = (specs: SpecSet) => {
  const { files, notes } = exportSloth(specs, standard)
  expect(notes).toEqual([])
  return files.map(file => stringify(file, { lineWidth: 0 })).join('---\n')
}

const group = z.object({
  name: z.string(),
  rules: z.array(
    z.object({
      record: z.string().optional(),
      alert: z.string().optional(),
      expr: z.string(),
      labels: z.record(z.string(), z.string()),
    }),
  ),
})

let sloth: string
let folder: string
beforeAll(async () => {
  sloth = await realPart('sloth')
  folder = mkdtempSync(join(tmpdir(), 'ninefold-sloth-'))
}, 600_000)
afterAll(() => rmSync(folder, { recursive: true }))

/** The rules that Sloth makes of a file, by SLO. */
function generated(text: string, period: '30d' | '28d' = '30d') {
  const file = join(folder, 'in.yaml')
  writeFileSync(file, text)
  const args = ['generate', '-i', file, '--default-slo-period', period, '--no-log']
  const out = execFileSync(sloth, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  const rules = parseAllDocuments(out).flatMap(document => {
    const read = z.object({ groups: z.array(group) }).safeParse(document.toJS())
    return read.success ? read.data.groups.flatMap(each => each.rules) : []
  })
  const of = (name: string) =>
    rules.filter(({ expr, labels }) => labels.sloth_slo === name || expr.includes(`sloth_slo="${name}"`))
  return { rules, of }
}

/** `short, long, factor` of each condition in an alert of Sloth's. */
function conditionsIn(expr: string): string[] {
  const found = [...expr.matchAll(/ratio_rate(\w+)\{[^}]*\} > \(([\d.]+) \* /g)].map(([, window, factor]) => [
    window,
    Number(Number(factor).toPrecision(6)),
  ])
  return found.flatMap(([short, factor], index) =>
    index % 2 === 0 ? [`${short} ${found[index + 1]?.[0]} ${factor}`] : [],
  )
}

const windowText = (seconds: number) =>
  seconds % 86_400 === 0 ? `${seconds / 86_400}d` : seconds % 3600 === 0 ? `${seconds / 3600}h` : `${seconds / 60}m`
const conditionsOf = (slo: Slo, severity: string) =>
  slo.alerts
    .filter(rule => rule.severity === severity)
    .flatMap(rule => rule.conditions)
    .map(
      each =>
        `${windowText(each.shortWindowSeconds ?? 0)} ${windowText(each.longWindowSeconds)} ${Number(each.threshold.toPrecision(6))}`,
    )

describe('SLOs of Sloth', () => {
  it.each(['30d', '28d'] as const)(
    "have here the objective, window, factors and windows of Sloth's own rules over %s",
    period => {
      const { slos } = imported(original, period)
      const { of } = generated(original, period)
      expect(slos.length).toBe(3)
      for (const slo of slos) {
        const rules = of(slo.name.replace(/^shop-/, ''))
        const valueIn = (record: string) =>
          Number(/vector\(([\d.]+)\)/.exec(rules.find(rule => rule.record === record)?.expr ?? '')?.[1])
        expect(slo.objective).toBeCloseTo(valueIn('slo:objective:ratio'), 12)
        expect(slo.window.seconds).toBe(valueIn('slo:time_period:days') * 86_400)
        const alerts = rules.filter(({ alert }) => alert !== undefined)
        const theirs = (severity: string) =>
          alerts.filter(({ labels }) => labels.sloth_severity === severity).flatMap(({ expr }) => conditionsIn(expr))
        for (const severity of ['page', 'ticket']) expect(conditionsOf(slo, severity)).toEqual(theirs(severity))
      }
      expect(slos.map(slo => slo.alerts.map(({ severity }) => severity))).toEqual([['page'], [], ['page', 'ticket']])
    },
  )

  it('come back as what Sloth makes the same rules of', () => {
    const expressions = (text: string) =>
      generated(text)
        .rules.map(({ record, alert, expr, labels }) => [
          record ?? labels.sloth_severity ?? alert,
          labels.sloth_slo,
          expr,
        ])
        .sort((a, b) => (String(a) < String(b) ? -1 : 1))
    const back = exported(imported(original))
    expect(expressions(back)).toEqual(expressions(original))
    expect(imported(back).slos.map(({ position: _, ...slo }) => slo)).toEqual(
      imported(original).slos.map(({ position: _, ...slo }) => slo),
    )
  })

  it('there and back say the same, whatever they were', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9]{0,9}$/)
    const query = fc
      .tuple(name, fc.constantFrom('rate', 'increase'))
      .map(([metric, call]) => `sum(${call}(${metric}_total{a="b"}[{{.window}}]))`)
    const sli = fc.oneof(
      fc.record({ events: fc.record({ error_query: query, total_query: query }) }),
      fc.record({ raw: fc.record({ error_ratio_query: fc.tuple(query, query).map(([a, b]) => `${a} / ${b}`) }) }),
    )
    const disabled = fc.constantFrom(
      {},
      { page_alert: { disable: true } },
      { ticket_alert: { disable: true } },
      { page_alert: { disable: true }, ticket_alert: { disable: true } },
    )
    const slo = fc.record({
      name,
      objective: fc.integer({ min: 0, max: 99_999 }).map(thousandths => thousandths / 1000),
      description: fc.option(fc.constantFrom('Answers: quickly', "it's # right"), { nil: undefined }),
      labels: fc.option(fc.constantFrom({ team: 'a' }, { tier: 'one', 'x.y/z': '1' }), { nil: undefined }),
      sli,
      alerting: disabled,
    })
    const slos = fc.uniqueArray(slo, { minLength: 1, maxLength: 4, selector: each => each.name })
    fc.assert(
      fc.property(slos, list => {
        const defined = JSON.parse(JSON.stringify(list)) as typeof list
        const text = stringify({ version: 'prometheus/v1', service: 'shop', slos: defined })
        const [file] = exportSloth(imported(text), standard).files
        const said = file?.slos.map(({ alerting, ...rest }) => {
          const { name: _, ...alerts } = alerting as Record<string, unknown>
          return { ...rest, alerting: alerts }
        })
        expect(said).toEqual([...defined].sort((a, b) => (`shop-${a.name}` < `shop-${b.name}` ? -1 : 1)))
      }),
      { numRuns: 100 },
    )
  })
})

describe('export sloth', () => {
  it('leaves out what Sloth cannot say, and says why', () => {
    const telemetry = readFileSync('test/cli/commands/specs/shop.yaml', 'utf8')
    const { specs } = parse(telemetry)
    if (specs === null) throw new Error('the sample has errors')
    const { files, notes } = exportSloth(specs, standard)
    expect(files).toEqual([])
    expect(notes.map(({ message }) => message)).toEqual([
      'shop-availability is left out: its events are not asked of Prometheus',
    ])
    const change = (part: string, other: string) => {
      const { definitions } = importSloth([{ file: 'a', text: original }], { ...options, period: '30d' })
      const changed = parse(writeDefinitions(definitions).replaceAll(part, other)).specs
      if (changed === null) throw new Error(`${other} has errors`)
      return exportSloth(changed, standard).notes.map(({ message }) => message.split(': ')[1])
    }
    expect(change('duration: 30d', 'duration: 7d')).toEqual(
      Array(3).fill('its window is neither 30 nor 28 rolling days'),
    )
    expect(change('[1m]', '[5m]')).toEqual(
      Array(3)
        .fill('its query does not look back one minute ([1m])')
        .fill('its queries do not look back one minute ([1m])', 1),
    )
    expect(
      change(
        'alertPolicies: []',
        'alertPolicies: [{metadata: {name: p}, spec: {conditions: [{metadata: {name: c}, spec: {severity: page, condition: {kind: burnrate, op: gte, threshold: 2, lookbackWindow: 1h}}}]}}]',
      ),
    ).toEqual(['its alerts are not those of the standard ladder'])
  })

  it('leaves out budget policies and corrections of what it says, and tells of them', () => {
    const { definitions } = importSloth([{ file: 'a', text: original }], { ...options, period: '30d' })
    const policy = `apiVersion: ninefold.dev/v1
kind: BudgetPolicy
metadata: {name: shop}
spec: {slos: [shop-requests-availability], steps: [{remaining: 0, action: freeze}]}
`
    const specs = parse(writeDefinitions(definitions), policy).specs
    if (specs === null) throw new Error('the policy has errors')
    const { files, notes } = exportSloth(specs, standard)
    expect(notes.map(({ message }) => message)).toEqual([
      'shop-requests-availability: its budget policies are left out',
    ])
    expect(files[0]?.slos).toHaveLength(3)
  })
})
