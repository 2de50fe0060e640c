import { createNoopMeter } from '@opentelemetry/api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { backtestSpecs } from '../../../compute/jobs/backtest-specs.ts'
import { createEvaluator } from '../../../compute/jobs/evaluator.ts'
import { planSpecs } from '../../../compute/jobs/plan-specs.ts'
import { createReports } from '../../../compute/reports/create-reports.ts'
import { systemClock } from '../../../lib/clock.ts'
import { silentLogger } from '../../../lib/logger.ts'
import type { AlertRule, Slo } from '../../../slo-specs/schema/model.ts'
import type { Store } from '../../../store/client/store.ts'
import { listEpisodes } from '../../../store/tables/alerts.ts'
import type { TestSpan } from './evaluate-filter.ts'
import { fasterThan, notFailed, serviceIs, sloOf, specSetOf } from './slos.ts'
import { insertSpans, openTestStore } from './spans.ts'

const minuteMs = 60_000
const startMs = Math.floor(Date.now() / 86_400_000) * 86_400_000 - 86_400_000
let nowMs = startMs
const clock = { now: () => nowMs, sleep: systemClock.sleep }
let store: Store
let close: () => Promise<void>

const rule = (severity: AlertRule['severity'], threshold: number, long: number, short: number): AlertRule => ({
  severity,
  conditions: [
    {
      name: `${severity}-${long}`,
      op: 'gte',
      threshold,
      longWindowSeconds: long,
      shortWindowSeconds: short,
      minCoverage: severity === 'ticket' ? 0.5 : 0,
    },
  ],
  alertAfterSeconds: 0,
  keepFiringForSeconds: 120,
  targets: [],
  evidence: { maxChance: 0.01, minBad: 2 },
})
const alerts = [rule('page', 10, 1800, 300), rule('ticket', 2, 3600, 600)]
const change = { alerts, window: { kind: 'rolling', seconds: 3600, text: '1h' } as const, layers: ['region'] as const }
const events = sloOf('events', { total: serviceIs('checkout'), good: notFailed }, change)
const slices: Slo = {
  ...sloOf('slices', { total: serviceIs('checkout'), good: notFailed }, { ...change, revision: 'r-slices' }),
  budgetingMethod: 'Timeslices',
  timeSlices: { seconds: 180, targetText: '0.95', noData: 'bad' },
  objective: 0.9,
  objectiveText: '0.9',
}
const parts: Slo = {
  ...slices,
  name: 'parts',
  revision: 'r-parts',
  budgetingMethod: 'RatioTimeslices',
  timeSlices: { seconds: 180, noData: 'bad' },
}
const before = specSetOf([events, slices, parts], 'before')

/** Half of the events of minutes 8 to 26 fail; minutes 50 to 58 are silent. */
function spansOf(minute: number): TestSpan[] {
  if (minute >= 50 && minute < 58) return []
  const failing = minute >= 8 && minute < 26
  return Array.from({ length: 20 }, (_, index) => ({
    atMs: startMs + minute * minuteMs + index * 3000,
    name: 'POST /pay',
    kind: 'Server',
    status: failing && index % 2 === 0 ? 'Error' : 'Unset',
    durationNs: BigInt(index) * 10_000_000n,
    resource: { 'service.name': 'checkout', 'cloud.region': 'eu' },
    attributes: {},
  }))
}

beforeAll(async () => {
  ;({ store, close } = await openTestStore())
  const evaluator = createEvaluator({
    store,
    specs: () => before,
    senders: [],
    clock,
    logger: silentLogger,
    meter: createNoopMeter(),
  })
  for (let minute = 0; minute < 75; minute++) {
    nowMs = startMs + minute * minuteMs
    await evaluator.tick()
    await insertSpans(store.writer, spansOf(minute), `minute ${minute}`)
  }
  nowMs = startMs + 75 * minuteMs
  await evaluator.tick()
})
afterAll(() => close())

const plan = (after: readonly Slo[], days = 30) =>
  planSpecs({ reader: store.reader, clock }, { before, after: specSetOf(after, 'after') }, { days })

describe('a plan', () => {
  it('of the same specs, however they are written, changes nothing', async () => {
    const same = { ...events, position: { file: 'other.yaml', line: 7, column: 3 } }
    expect(await plan([slices, parts, same])).toMatchObject({ slos: [], unchanged: 3, beforeRevision: 'before' })
  })

  it('says of what is in force what the evaluator says: the same numbers and the same alerts', async () => {
    const removed = await plan([])
    const statuses = await createReports({ reader: store.reader, specs: () => before, clock }).listStatuses()
    const rows = await store.reader.query(listEpisodes, {
      slo: '',
      severity: '',
      state: '',
      fromMs: 0,
      toMs: nowMs + minuteMs,
      limit: 100,
    })
    for (const { name, before: side } of removed.slos) {
      expect(side?.today).toEqual(statuses.find(status => status.name === name))
      const told = rows
        .filter(({ slo, firedAtMs }) => slo === name && firedAtMs !== null)
        .map(row => [row.severity, row.firedAtMs, row.resolvedAtMs, row.inhibited])
        .sort((a, b) => Number(a[1]) - Number(b[1]) || (String(a[0]) < String(b[0]) ? -1 : 1))
      expect(told.length).toBeGreaterThan(1)
      expect(side?.alerts.map(each => [each.severity, each.firedAtMs, each.resolvedAtMs, each.inhibited])).toEqual(told)
    }
  })

  it('of a tighter objective shows the budget and the page that it would have sent, before and after', async () => {
    const loose = { ...events, objective: 0.9, objectiveText: '0.9' }
    const { slos, fromMs } = await planSpecs(
      { reader: store.reader, clock },
      { before: specSetOf([loose]), after: specSetOf([events]) },
      { days: 30 },
    )
    expect(fromMs).toBe(startMs)
    const [only] = slos
    expect(only?.fields).toEqual([{ field: 'objective', touches: 'budget', before: '0.9', after: '0.99' }])
    expect(only?.before?.alerts.filter(({ severity }) => severity === 'page')).toEqual([])
    const [page] = only?.after?.alerts.filter(({ severity }) => severity === 'page') ?? []
    // 10 × 1 %: 20 of the 200 events of the first 10 minutes.
    expect(page?.firedAtMs).toBe(startMs + 10 * minuteMs)
    expect(page?.budgetSpent).toBeGreaterThan(1)
    expect(only?.after?.today.errorBudget.remainingRatio).toBeLessThan(
      only?.before?.today.errorBudget.remainingRatio ?? 0,
    )
  })

  it('counts what was never counted before from raw events', async () => {
    const faster = sloOf(
      'events',
      { total: serviceIs('checkout'), good: fasterThan(100) },
      { ...change, revision: 'r-other' },
    )
    const [only] = (await plan([faster, slices])).slos
    expect(only?.fields.map(({ field }) => field)).toEqual(['good'])
    // Ten of twenty are faster than 100 ms, in the 52 minutes of the last hour that had events.
    expect(only?.after?.today).toMatchObject({ good: 520n, valid: 1040n })
  })

  it('covers of what it counts from raw events only the time that they are kept for', async () => {
    const faster = sloOf(
      'events',
      { total: serviceIs('checkout'), good: fasterThan(100) },
      { ...change, revision: 'r-other' },
    )
    const options = { reader: store.reader, clock, rawRetentionSeconds: 1800 }
    const { slos } = await planSpecs(options, { before, after: specSetOf([faster, slices, parts]) }, { days: 30 })
    // The last 30 minutes without the silent ones; what is in force is known by its minutes.
    expect(slos[0]?.after?.today).toMatchObject({ good: 220n, valid: 440n, coverage: 22 / 60 })
    expect(slos[0]?.before?.today).toMatchObject({ valid: 1040n, coverage: 52 / 60 })
    const tested = await backtestSpecs(options, specSetOf([faster]), {})
    expect(tested.fromMs).toBe(nowMs - 1800_000)
    expect(tested.slos[0]?.today).toMatchObject({ good: 220n, valid: 440n, coverage: 22 / 60 })
  })

  it('of an added SLO has only an after, of a removed one only a before', async () => {
    const added = sloOf('added', { total: serviceIs('checkout'), good: notFailed }, change)
    const { slos } = await plan([slices, parts, added])
    expect(slos.map(({ name, kind, before: was, after }) => [name, kind, was === null, after === null])).toEqual([
      ['added', 'added', true, false],
      ['events', 'removed', false, true],
    ])
    const [{ after }, { before: was }] = slos as [(typeof slos)[0], (typeof slos)[0]]
    expect(after?.alerts).toEqual(was?.alerts)
    expect(after?.today.good).toEqual(was?.today.good)
  })

  it('shows the status at the end of the window before', async () => {
    const [only] = (await plan([slices, parts])).slos
    const [end, ...more] = only?.before?.ends ?? []
    expect(more).toEqual([])
    expect(end?.evaluatedAtMs).toBe(nowMs - 3600_000)
    expect([end?.good, end?.valid]).toEqual([20n * 15n - 70n, 20n * 15n])
  })

  it('of words alone replays once and says the same of both', async () => {
    const [only] = (await plan([{ ...events, displayName: 'Events' }, slices])).slos
    expect(only?.fields.map(({ touches }) => touches)).toEqual(['words'])
    expect(only?.after).toBe(only?.before)
  })
})
