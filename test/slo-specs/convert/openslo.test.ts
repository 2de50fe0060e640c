import { readdirSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exportOpenSlo } from '../../../slo-specs/schema/convert/export-openslo.ts'
import { importOpenSlo } from '../../../slo-specs/schema/convert/import-openslo.ts'
import { writeDefinitions } from '../../../slo-specs/schema/convert/write-definitions.ts'
import { writeFilter } from '../../../slo-specs/schema/filter/write-filter.ts'
import { loadLadder } from '../../../slo-specs/schema/ladder.ts'
import { loadSpecs } from '../../../slo-specs/schema/load.ts'
import type { SpecSet } from '../../../slo-specs/schema/model.ts'
import { filters } from '../../compute/jobs/arbitraries.ts'
import { onlySlo, parse, parseGood, service, sloText } from '../parse.ts'

const standard = await loadLadder()
const samples = 'test/slo-specs/samples/good'

/** What a set says, wherever and however it is written. */
function said({ slos, services, targets }: SpecSet): unknown {
  const written = (key: string, value: unknown) => {
    if (key === 'position' || key === 'text') return undefined
    return typeof value === 'bigint' ? `${value}n` : value
  }
  return JSON.parse(JSON.stringify({ slos, services, targets }, written))
}

function thereAndBack(specs: SpecSet) {
  const { definitions, notes } = exportOpenSlo(specs, standard)
  const imported = importOpenSlo([{ file: 'exported.yaml', text: writeDefinitions(definitions) }])
  expect(imported.findings).toEqual([])
  expect(imported.notes).toEqual([])
  const back = parse(writeDefinitions(imported.definitions))
  if (back.specs === null) throw new Error(JSON.stringify(back.findings, null, 2))
  return { specs: back.specs, notes }
}

const policy = (name: string, spec: string) =>
  `{kind: AlertPolicy, metadata: {name: ${name}}, spec: {notificationTargets: [pager], conditions: [{kind: AlertCondition, metadata: {name: c-${name}}, spec: ${spec}}]}}`
const target =
  'apiVersion: openslo/v1\nkind: AlertNotificationTarget\nmetadata: {name: pager}\nspec: {target: pagerduty}\n'

const decimals = fc.integer({ min: 0, max: 999_999 }).map(digits => `0.${String(digits).padStart(6, '0')}`)
const condition = fc.record({
  op: fc.constantFrom('gt', 'gte', 'lt', 'lte'),
  threshold: fc.oneof(
    fc.integer({ min: 0, max: 100 }),
    fc.double({ min: 0, max: 50, noNaN: true, noDefaultInfinity: true }),
  ),
  minutes: fc.integer({ min: 1, max: 10_000 }),
})
const slo = fc.record({
  good: filters.map(writeFilter),
  objective: fc.oneof(
    decimals.map(target => `{target: ${target}}`),
    fc.tuple(decimals, decimals).map(([a, b]) => `{target: ${a}, timeSliceTarget: ${b}, timeSliceWindow: 5m}`),
    decimals.map(target => `{target: ${target}, timeSliceWindow: 7m}`),
  ),
  window: fc.constantFrom('30d', '7d', '4w', '1Q'),
  annotations: fc.constantFrom(
    '{}',
    "{ninefold.dev/min-valid: '20'}",
    '{ninefold.dev/layers: "region, pod", other.org/x: y}',
  ),
  alertPolicies: fc.option(
    fc.array(condition, { maxLength: 3 }).map(list => {
      const written = list.map(({ op, threshold, minutes }, index) =>
        policy(
          `p-${index}`,
          `{severity: ${index === 0 ? 'ticket' : 'page'}, condition: {kind: burnrate, op: ${op}, threshold: ${threshold}, lookbackWindow: ${minutes}m, alertAfter: 5m}}`,
        ),
      )
      return `[${written.join(', ')}]`
    }),
    { nil: undefined },
  ),
})

describe('OpenSLO, there and back', () => {
  it('says the same, whatever it was', () => {
    fc.assert(
      fc.property(slo, ({ alertPolicies, ...parts }) => {
        const text = sloText({ ...parts, ...(alertPolicies === undefined ? {} : { alertPolicies }) })
        const { objective } = parts
        const isCut = objective.includes('timeSliceWindow')
        const method = objective.includes('timeSliceTarget') ? 'Timeslices' : isCut ? 'RatioTimeslices' : 'Occurrences'
        const { specs } = parse(service, target, text.replace('Occurrences', method))
        fc.pre(specs !== null)
        if (specs === null) return
        expect(said(thereAndBack(specs).specs)).toEqual(said(specs))
      }),
      { numRuns: 300 },
    )
  })

  it.each(readdirSync(samples).filter(name => !name.includes('TOO_LARGE')))(
    'says the same of the sample %s, or tells what is lost',
    async name => {
      const { specs } = await loadSpecs([`${samples}/${name}`])
      if (specs === null) throw new Error('a good sample has errors')
      const back = thereAndBack(specs)
      const isLost = back.notes.some(({ message }) => message.includes('left out'))
      if (isLost) expect(said(back.specs)).not.toEqual(said(specs))
      else expect(said(back.specs)).toEqual(said(specs))
    },
  )

  it('tells of what other kinds say of an SLO, and leaves it out', () => {
    const kind = (name: string, spec: string) =>
      `apiVersion: ninefold.dev/v1\nkind: ${name}\nmetadata: {name: shop}\nspec: {${spec}}\n`
    const others = [
      kind('BudgetPolicy', 'slos: [checkout], steps: [{remaining: 0, action: freeze}]'),
      kind('NotificationRoute', 'match: {}, notificationTargets: [pager]'),
      kind(
        'Correction',
        'slos: [checkout], reason: Announced., approver: me, timeRange: {from: 2026-11-21T22:00:00Z, to: 2026-11-22T02:00:00Z}',
      ),
    ]
    const back = thereAndBack(parseGood(service, target, sloText(), ...others))
    expect(back.notes.map(({ message }) => message)).toEqual(
      expect.arrayContaining([
        'checkout: its corrections are left out',
        'checkout: its budget policies are left out',
        'checkout: the routes of its notifications are left out',
      ]),
    )
    expect(said(back.specs)).toEqual(said(parseGood(service, target, sloText())))
  })

  it("keeps of a ladder of one's own the long windows, and says so", async () => {
    const ladder = `apiVersion: ninefold.dev/v1
kind: BurnLadder
metadata: {name: calm}
spec: {shortWindowDivisor: 12, severities: [{severity: page, conditions: [{spendPercent: 10, longWindow: 6h}]}]}
---
apiVersion: openslo/v1
kind: AlertPolicy
metadata: {name: calm, annotations: {ninefold.dev/ladder: calm}}
spec: {notificationTargets: [pager]}
`
    const specs = parseGood(service, target, ladder, sloText({ alertPolicies: '[calm]' }))
    const back = thereAndBack(specs)
    expect(back.notes).toEqual([
      {
        file: '4.yaml',
        line: 1,
        column: 1,
        message: 'checkout: of its alerts the short windows and the least coverage are left out',
      },
    ])
    expect(onlySlo(back.specs).alerts).toMatchObject([
      {
        severity: 'page',
        targets: ['pager'],
        conditions: [{ name: 'page-6h', threshold: 12, longWindowSeconds: 21_600 }],
      },
    ])
    expect(onlySlo(back.specs).alerts[0]?.conditions[0]?.shortWindowSeconds).toBeUndefined()
  })
})

describe('OpenSLO of before v1', () => {
  it('becomes v1: windows, sources and ratios below objectives', () => {
    const text = `apiVersion: openslo/v1alpha
kind: SLO
metadata: {name: api, displayName: API}
spec:
  service: shop
  description: Answers.
  budgetingMethod: Occurrences
  timeWindows: [{unit: Day, count: 28, isRolling: true}]
  objectives:
    - target: 0.99
      ratioMetrics:
        incremental: true
        good: {source: Prometheus, queryType: promql, query: 'sum(good)'}
        total: {source: Prometheus, queryType: promql, query: 'sum(all)'}
`
    const { definitions, notes, findings } = importOpenSlo([{ file: 'a.yaml', text }])
    expect(findings).toEqual([])
    expect(notes.map(({ message }) => message)).toEqual(
      Array(2).fill('queryType promql is left out: a source of type Prometheus says it'),
    )
    const source = (query: string) => ({ metricSource: { type: 'prometheus', spec: { query } } })
    expect(definitions).toEqual([
      {
        apiVersion: 'openslo/v1',
        kind: 'SLO',
        metadata: { name: 'api', displayName: 'API' },
        spec: {
          service: 'shop',
          description: 'Answers.',
          budgetingMethod: 'Occurrences',
          timeWindow: [{ duration: '28d', isRolling: true }],
          objectives: [
            {
              target: 0.99,
              indicator: {
                metadata: { name: 'api-1' },
                spec: { ratioMetric: { counter: true, good: source('sum(good)'), total: source('sum(all)') } },
              },
            },
          ],
        },
      },
    ])
  })

  it('with fields that nobody knows is told of, with their place', () => {
    const { findings } = importOpenSlo([
      { file: 'a.yaml', text: 'apiVersion: openslo/v1alpha\nkind: SLO\nmetadata: {name: a}\nspec: {}' },
    ])
    expect(findings.map(({ code }) => code)).toContain('SPEC_MISSING_FIELD')
    expect(importOpenSlo([{ file: 'a.yaml', text: 'just: this' }]).findings).toMatchObject([
      { code: 'SPEC_NOT_A_DEFINITION', file: 'a.yaml', line: 1 },
    ])
  })
})
