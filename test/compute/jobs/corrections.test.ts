import { createNoopMeter } from '@opentelemetry/api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { backtestSpecs } from '../../../compute/jobs/backtest-specs.ts'
import { createEvaluator } from '../../../compute/jobs/evaluator.ts'
import { planSpecs } from '../../../compute/jobs/plan-specs.ts'
import { createReports } from '../../../compute/reports/create-reports.ts'
import { silentLogger } from '../../../lib/logger.ts'
import type { SpecSet } from '../../../slo-specs/schema/model.ts'
import type { Store } from '../../../store/client/store.ts'
import { parseGood, service } from '../../slo-specs/parse.ts'
import type { TestSpan } from './evaluate-filter.ts'
import { cumulative, insertCounters, rowOf } from './metric-points.ts'
import { insertSpans, openTestStore } from './spans.ts'

/**
 * The worked example of docs/specs/ninefold-kinds.md: ten minutes of 100 requests each, every 0.6 s one, three of five in eu-west-1. From
 * 3:30 to 5:00 all requests of eu-west-1 fail: of 50 in half a minute 30, of 100 in the next 60. 1000 valid, 90 bad.
 */
const startMs = Math.floor(Date.now() / 3_600_000) * 3_600_000 - 2 * 3_600_000
const at = (minute: number, second = 0) => new Date(startMs + minute * 60_000 + second * 1000).toISOString()
const nowMs = startMs + 3_600_000
const clock = { now: () => nowMs, sleep: async () => {} }

const spans = Array.from({ length: 1000 }, (_, index): TestSpan => {
  const offsetMs = index * 600
  const isEu = index % 5 < 3
  const fails = isEu && offsetMs >= 210_000 && offsetMs < 300_000
  return {
    atMs: startMs + offsetMs,
    name: 'GET /',
    kind: 'Server',
    status: fails ? 'Error' : 'Unset',
    durationNs: 1n,
    resource: { 'service.name': 'shop', 'cloud.region': isEu ? 'eu-west-1' : 'us-east-1' },
    attributes: {},
  }
})

const telemetry = (filter: string, signal = 'traces') =>
  `{metricSource: {type: telemetry, spec: {signal: ${signal}, filter: '${filter}'}}}`
const slo = (name: string, ratio: string, rest: string, annotations = '{}') => `apiVersion: openslo/v1
kind: SLO
metadata: {name: ${name}, annotations: ${annotations}}
spec:
  service: shop
  indicator: {metadata: {name: ${name}}, spec: {ratioMetric: {${ratio}}}}
  timeWindow: [{duration: 2h, isRolling: true}]
${rest}
`
const spansRatio = `good: ${telemetry('status != "Error"')}, total: ${telemetry('kind == "Server"')}`
const slices =
  '  budgetingMethod: Timeslices\n  objectives: [{target: 0.9, timeSliceTarget: 0.99, timeSliceWindow: 1m}]'
const slos = [
  slo('events', spansRatio, '  budgetingMethod: Occurrences\n  objectives: [{target: 0.95}]'),
  slo('events-too', spansRatio, '  budgetingMethod: Occurrences\n  objectives: [{target: 0.9}]'),
  slo('events-as-well', spansRatio, '  budgetingMethod: Occurrences\n  objectives: [{target: 0.8}]'),
  slo('slices', spansRatio, slices),
  slo('silent-is-bad', spansRatio, slices, '{ninefold.dev/no-data: bad}'),
  slo(
    'metrics',
    `good: ${telemetry('name == "requests" && code < 500', 'metrics')}, total: ${telemetry('name == "requests"', 'metrics')}`,
    '  budgetingMethod: Occurrences\n  objectives: [{target: 0.9}]',
  ),
].join('---\n')
const correction = (name: string, names: string, from: string, to: string, more = '') => `apiVersion: ninefold.dev/v1
kind: Correction
metadata: {name: ${name}}
spec:
  slos: [${names}]
  reason: Announced.
  approver: head of operations
  timeRange: {from: "${from}", to: "${to}"}
${more}
`
const eu = `  predicate: {filter: 'cloud.region == "eu-west-1"'}`

const plain = parseGood(service, slos)
const all = 'events, slices, silent-is-bad, metrics'
const corrected = parseGood(service, slos, correction('move', all, at(3, 30), at(5)))
const predicated = parseGood(service, slos, correction('move', 'events', at(3, 30), at(5), eu))
const overlapping = parseGood(
  service,
  slos,
  correction('first', 'events', at(3), at(4)),
  correction('second', 'events', at(3, 30), at(5), eu),
)

let store: Store
let close: () => Promise<void>
let inForce: SpecSet = plain
let evaluator: ReturnType<typeof createEvaluator>
beforeAll(async () => {
  ;({ store, close } = await openTestStore())
  await insertSpans(store.writer, spans, 'all')
  // A counter that grows by 10 a minute, seen at second 30 of each.
  const points = Array.from({ length: 11 }, (_, minute) => ({
    ...rowOf({ attributes: { code: '200' }, start: startMs / 1000 - 60, time: startMs / 1000 + minute * 60 + 30 }),
    ...{ Value: (minute + 1) * 10, IsMonotonic: true, ...cumulative },
  }))
  await insertCounters(store.writer, points)
  evaluator = createEvaluator({
    store,
    specs: () => inForce,
    senders: [],
    clock,
    logger: silentLogger,
    meter: createNoopMeter(),
  })
})
afterAll(() => close())

async function settle(specs: SpecSet) {
  inForce = specs
  for (;;) {
    const { pendingMinutes, historyLeft } = await evaluator.tick()
    if (pendingMinutes === 0 && historyLeft === 0) break
  }
  return createReports({ reader: store.reader, specs: () => specs, clock })
}
const counts = async (specs: SpecSet, name = 'events') => {
  const status = await (await settle(specs)).status(name)
  return { good: status?.good, valid: status?.valid, sli: status?.sli }
}

describe('a correction', () => {
  it('without any, all events count', async () => {
    expect(await counts(plain)).toEqual({ good: 910n, valid: 1000n, sli: 0.91 })
  })

  it('takes the events of its time from good and valid, to the event and not to the minute', async () => {
    expect(await counts(corrected)).toEqual({ good: 850n, valid: 850n, sli: 1 })
    // The SLOs that share a scan with it when nothing is corrected count what they did.
    const reports = createReports({ reader: store.reader, specs: () => corrected, clock })
    expect(await reports.status('events-too')).toMatchObject({ good: 910n, valid: 1000n })
  })

  it('with a predicate takes only those that match, of every layer', async () => {
    expect(await counts(predicated)).toEqual({ good: 910n, valid: 910n, sli: 1 })
    const reports = createReports({ reader: store.reader, specs: () => predicated, clock })
    const regions = await reports.layers('events', 'region', { fromMs: startMs, toMs: nowMs })
    const told = regions.map(({ value, good, valid }) => [value, good, valid])
    expect(told.sort()).toEqual([
      ['eu-west-1', 510n, 510n],
      ['us-east-1', 400n, 400n],
    ])
    const history = await reports.history('events', { fromMs: startMs, toMs: startMs + 600_000, stepSeconds: 60 })
    expect(history.map(({ valid }) => Number(valid))).toEqual([100, 100, 100, 70, 40, 100, 100, 100, 100, 100])
  })

  it('that overlaps another one takes no event twice', async () => {
    // Minute 3 whole, and the 60 of eu-west-1 of minute 4.
    expect(await counts(overlapping)).toEqual({ good: 840n, valid: 840n, sli: 1 })
  })

  it('drops the time slices that it covers, whatever silence means, and their part of the budget', async () => {
    const reports = await settle(corrected)
    // Minute 4 is no slice; of minute 3 the half that is left is good. Before: 10 slices, two of them bad.
    const judged = await reports.status('slices')
    expect(judged).toMatchObject({ good: 9n, valid: 9n, sli: 1 })
    expect(judged?.errorBudget.allowed).toBeCloseTo((120 - 1) * 0.1, 12)
    // Two hours less the slice: 119 are over, 9 had events.
    expect(await reports.status('silent-is-bad')).toMatchObject({ good: 9n, valid: 119n })
    for (const name of ['slices', 'silent-is-bad']) {
      const last = await reports.history(name, { fromMs: nowMs - 60_000, toMs: nowMs, stepSeconds: 60 })
      const { errorBudget } = (await reports.status(name)) ?? {}
      expect(last.map(point => point.budgetRemainingRatio)).toEqual([errorBudget?.remainingRatio])
    }
    const before = await settle(plain)
    expect(await before.status('slices')).toMatchObject({ good: 8n, valid: 10n })
    expect((await before.status('slices'))?.errorBudget.allowed).toBeCloseTo(12, 12)
    expect(await before.status('silent-is-bad')).toMatchObject({ good: 8n, valid: 120n })
  })

  it('drops the minutes of metrics that begin within it', async () => {
    // Minute 4 begins within 3:30 to 5:00, minute 3 does not. The first point counts what it says was counted since its start.
    const before = await counts(plain, 'metrics')
    expect(before).toEqual({ good: 110n, valid: 110n, sli: 1 })
    expect(await counts(corrected, 'metrics')).toEqual({ good: 100n, valid: 100n, sli: 1 })
  })

  it('of an SLO with several objectives is about each, and so about their mean', async () => {
    const objectives =
      '{displayName: a, target: 0.95, compositeWeight: 1}, {displayName: b, target: 0.9, compositeWeight: 3}'
    const whole = slo('whole', spansRatio, `  budgetingMethod: Occurrences\n  objectives: [${objectives}]`)
    const reports = await settle(parseGood(service, whole, correction('move', 'whole', at(3, 30), at(4))))
    // Half a minute of 50 requests, 30 of which failed.
    for (const name of ['whole-a', 'whole-b'])
      expect(await reports.status(name)).toMatchObject({ good: 890n, valid: 950n })
    expect((await reports.status('whole'))?.sli).toBeCloseTo(890 / 950, 12)
  })

  it('that is removed restores the numbers exactly, and what was known meanwhile stays readable', async () => {
    const everything = async (specs: SpecSet) => {
      const reports = createReports({ reader: store.reader, specs: () => specs, clock })
      const range = { fromMs: startMs, toMs: startMs + 600_000 }
      return {
        statuses: await reports.listStatuses(),
        layers: await reports.layers('events', 'region', range),
        history: await reports.history('events', { ...range, stepSeconds: 60 }),
      }
    }
    await settle(plain)
    const before = await everything(plain)
    await settle(predicated)
    const meanwhile = await everything(predicated)
    expect(meanwhile).not.toEqual(before)
    expect(await everything(plain)).toEqual(before)
    await settle(plain)
    expect(await everything(plain)).toEqual(before)
    expect(await everything(predicated)).toEqual(meanwhile)
  })

  it('shows in plan and backtest before it is in force', async () => {
    await settle(plain)
    const plan = await planSpecs({ reader: store.reader, clock }, { before: plain, after: predicated }, { days: 1 })
    const [touched] = plan.slos
    expect(plan.slos.map(({ name, kind }) => [name, kind])).toEqual([['events', 'changed']])
    expect(touched?.fields).toMatchObject([{ field: 'corrections', before: '' }, { field: 'approved' }])
    expect(touched?.before?.today).toMatchObject({ good: 910n, valid: 1000n })
    expect(touched?.after?.today).toMatchObject({ good: 910n, valid: 910n })
    const tested = await backtestSpecs({ reader: store.reader, clock }, corrected, {})
    expect(tested.slos.map(({ name, today }) => [name, today.good, today.valid])).toEqual([
      ['events', 850n, 850n],
      ['events-as-well', 910n, 1000n],
      ['events-too', 910n, 1000n],
      ['metrics', 100n, 100n],
      ['silent-is-bad', 9n, 119n],
      ['slices', 9n, 9n],
    ])
  })
})
