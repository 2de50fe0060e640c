import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { createPastReader } from '../../../compute/jobs/replay-data.ts'
import { createRollup } from '../../../compute/jobs/rollup.ts'
import { planVerdicts } from '../../../compute/jobs/verdict-plan.ts'
import { createVersions } from '../../../compute/jobs/versions.ts'
import type { Slo } from '../../../slo-specs/schema/model.ts'
import { int64 } from '../../../store/client/columns.ts'
import type { Store } from '../../../store/client/store.ts'
import { parseGood, service } from '../../slo-specs/parse.ts'
import {
  cumulative,
  delta,
  type Export,
  highestOf,
  insertCounters,
  insertExponential,
  insertExports,
  insertGauges,
  insertHistograms,
  rowOf,
  senders,
} from './metric-points.ts'
import { openTestStore } from './spans.ts'

let store: Store
let close: () => Promise<void>
beforeAll(async () => {
  ;({ store, close } = await openTestStore())
})
afterAll(() => close())

const nowMs = Math.floor(Date.now() / 60_000) * 60_000 + 30_000
/** Two hours ago, at the full minute. */
const begin = Math.floor(nowMs / 60_000) * 60 - 7200
const clock = { now: () => nowMs, sleep: async () => {} }
const nextVersion = createVersions(clock, 0n)

/** An SLO over metrics, as somebody writes it. */
function metricSlo(name: string, part: string, total: string, objective = '{target: 0.9}'): string {
  const metric = (filter: string, value = '') =>
    `{metricSource: {type: telemetry, spec: {signal: metrics, filter: '${filter}'${value}}}}`
  const counts =
    part === ''
      ? `thresholdMetric: ${metric(total, ', value: value')}`
      : `ratioMetric: {${part.replace(/: (.*)$/, (_, filter: string) => `: ${metric(filter)}`)}, total: ${metric(total)}}`
  return `apiVersion: openslo/v1
kind: SLO
metadata: {name: ${name}}
spec:
  service: shop
  indicator: {metadata: {name: ${name}}, spec: {${counts}}}
  timeWindow: [{duration: 1d, isRolling: true}]
  budgetingMethod: Occurrences
  objectives: [${objective}]
`
}

const specs = parseGood(
  service,
  metricSlo('available', 'good: http.response.status_code < 500', 'name == "requests" && service.name == "shop"'),
  metricSlo('not-failed', 'bad: http.response.status_code >= 500', 'name in ["requests", "latency"]'),
  metricSlo('at-a-boundary', 'good: value <= 0.25', 'name == "latency"'),
  metricSlo('between-boundaries', 'bad: !(value <= 0.3)', 'name == "latency" && !synthetic'),
  metricSlo('both', 'good: value <= 0.5 && http.response.status_code < 500', 'name == "latency"'),
  metricSlo('errors', 'bad: name == "errors"', 'name == "requests"'),
  metricSlo('successes', 'good: name == "successes"', 'name == "requests"'),
  metricSlo('depth', '', 'name == "depth"', '{target: 0.9, op: lt, value: 10}'),
)

async function forgetAll() {
  const steps = ['minute', 'hour', 'day'].flatMap(step => [`sli_${step}`, `slo_${step}`])
  const metrics = ['gauge', 'sum', 'histogram', 'exponential_histogram'].map(kind => `otel_metrics_${kind}`)
  for (const table of [...metrics, ...steps, 'arrivals', 'rollup_progress'])
    await store.compute.execute({ name: 'truncate', sql: `TRUNCATE TABLE ${table}`, params: z.object({}) }, {})
}
beforeEach(forgetAll)

/** Without the SLOs that only single tests look at: each costs a statement a tick. */
const judged = {
  ...specs,
  slos: specs.slos.filter(({ name }) =>
    ['available', 'not-failed', 'at-a-boundary', 'between-boundaries', 'both'].includes(name),
  ),
}

async function settle(rowsATick = 10_000, of = specs) {
  const plan = planVerdicts(of)
  const rollup = createRollup({
    writer: store.compute,
    clock,
    nextVersion,
    rowsATick,
    rawRetentionSeconds: 35 * 86_400,
  })
  while ((await rollup.tick(plan)).pendingMinutes > 0);
}

async function rows(sql: string) {
  return store.reader.query(
    { name: 'rows', sql, params: z.object({}), row: z.object({ key: z.string(), good: int64, valid: int64 }) },
    {},
  )
}

const counted = async (table: string, column: string) =>
  new Map(
    (
      await rows(
        `SELECT concat(Slo, ' ', toString(toUnixTimestamp(${column}))) AS key, sum(Good) AS good, sum(Valid) AS valid
FROM ${table} FINAL GROUP BY Slo, ${column} HAVING valid > 0`,
      )
    ).map(({ key, good, valid }) => [key, [Number(good), Number(valid)] as const]),
  )

async function totals(slo: string) {
  const [row] = await rows(
    `SELECT '' AS key, sum(Good) AS good, sum(Valid) AS valid FROM slo_minute FINAL WHERE Slo = '${slo}'`,
  )
  return [Number(row?.good), Number(row?.valid)]
}

/** What each SLO makes of a measurement. */
const verdicts: Readonly<Record<string, (of: Export, value: number) => 'good' | 'bad' | undefined>> = {
  available: ({ kind, status }) => (kind !== 'counter' ? undefined : Number(status) < 500 ? 'good' : 'bad'),
  'not-failed': ({ status }) => (Number(status) >= 500 ? 'bad' : 'good'),
  'at-a-boundary': (of, value) => (of.kind === 'counter' ? undefined : highestOf(of, value) <= 0.25 ? 'good' : 'bad'),
  'between-boundaries': (of, value) =>
    of.kind === 'counter' ? undefined : highestOf(of, value) <= 0.3 ? 'good' : 'bad',
  both: (of, value) => {
    if (of.kind === 'counter') return undefined
    return highestOf(of, value) <= 0.5 && Number(of.status) < 500 ? 'good' : 'bad'
  },
}

function oracle(exports: readonly Export[], stepSeconds: number): Map<string, readonly [number, number]> {
  const counts = new Map<string, readonly [number, number]>()
  for (const [slo, judge] of Object.entries(verdicts))
    for (const each of exports)
      for (const value of each.news) {
        const verdict = judge(each, value)
        if (verdict === undefined) continue
        const key = `${slo} ${each.time - (each.time % stepSeconds)}`
        const [good, valid] = counts.get(key) ?? [0, 0]
        counts.set(key, [good + (verdict === 'good' ? 1 : 0), valid + 1])
      }
  return counts
}

test('restarts, both temporalities, late and repeated points give what the senders measured', async () => {
  const drawn = senders(begin).chain(exports =>
    fc.record({
      exports: fc.constant(exports),
      shuffled: fc.shuffledSubarray([...exports], { minLength: exports.length }),
      repeated: fc.subarray([...exports]),
      batches: fc.integer({ min: 1, max: 3 }),
    }),
  )
  await fc.assert(
    fc.asyncProperty(drawn, async ({ exports, shuffled, repeated, batches }) => {
      await forgetAll()
      const size = Math.ceil(shuffled.length / batches)
      for (let index = 0; index < shuffled.length; index += size) {
        await insertExports(store.writer, shuffled.slice(index, index + size))
        await settle(size + 20, judged)
      }
      await insertExports(store.writer, repeated)
      await settle(10_000, judged)
      expect(await counted('slo_minute', 'Minute')).toEqual(oracle(exports, 60))
      expect(await counted('sli_minute', 'Minute')).toEqual(oracle(exports, 60))
      const hours = oracle(exports, 3600)
      for (const [key, value] of await counted('slo_hour', 'Hour')) expect([key, value]).toEqual([key, hours.get(key)])
    }),
    { numRuns: 4, endOnFailure: true },
  )
}, 300_000)

test('the layers of a minute sum to its total, and name the pods', async () => {
  await insertExports(store.writer, fc.sample(senders(begin), { numRuns: 3, seed: 5 })[2] ?? [])
  await settle()
  expect(await counted('sli_minute', 'Minute')).toEqual(await counted('slo_minute', 'Minute'))
  const pods = await rows(
    `SELECT Pod AS key, sum(Good) AS good, sum(Valid) AS valid FROM sli_minute FINAL GROUP BY Pod`,
  )
  expect(pods.every(({ key }) => /^[ab]\d$/.test(key))).toBe(true)
})

test('what a plan counts from raw points is what the roll-up counted', async () => {
  const exports = fc.sample(senders(begin), { numRuns: 4, seed: 9 }).flat()
  await insertExports(store.writer, exports)
  await settle()
  const range = { fromMs: begin * 1000, toMs: nowMs - 30_000 }
  const slos: readonly Slo[] = specs.slos.filter(({ name }) => name in verdicts)
  const past = createPastReader(store.reader, range)
  const counts = async (isStored: boolean) =>
    (await past.read(slos.map(slo => ({ slo, isStored })))).map(({ series }) =>
      series.between(range.fromMs, range.toMs),
    )
  expect(await counts(false)).toEqual(await counts(true))
})

test('a counter that does not say when it began counts from its second point on, also over a silent reset', async () => {
  const point = (time: number, Value: number) => ({ ...rowOf({ time: begin + time }), ...cumulative, Value })
  await insertCounters(store.writer, [point(0, 1000), point(60, 1007), point(120, 3), point(180, 5)])
  await settle()
  expect((await totals('available'))[1]).toBe(7 + 3 + 2)
})

test('after a pause longer than the look-back a counter goes on from where it is', async () => {
  const point = (time: number, Value: number) => ({
    ...rowOf({ time: begin + time, start: begin - 90 }),
    ...cumulative,
    Value,
  })
  await insertCounters(store.writer, [point(0, 10), point(60, 12), point(60 + 901, 500), point(60 + 960, 501)])
  await settle()
  expect((await totals('available'))[1]).toBe(10 + 2 + 1)
})

test('a late point that lies between two others moves what the later one counted, over an hour too', async () => {
  const hour = begin - (begin % 3600) + 3600
  const point = (time: number, Value: number) => ({ ...rowOf({ time, start: hour - 300 }), ...cumulative, Value })
  await insertCounters(store.writer, [point(hour - 240, 4), point(hour + 30, 10)])
  await settle()
  await insertCounters(store.writer, [point(hour - 20, 9)])
  await settle()
  const minutes = await counted('slo_minute', 'Minute')
  expect([hour - 240, hour - 60, hour].map(minute => minutes.get(`available ${minute}`)?.[1])).toEqual([4, 5, 1])
  const hours = await counted('slo_hour', 'Hour')
  expect([hour - 3600, hour].map(start => hours.get(`available ${start}`)?.[1])).toEqual([9, 1])
})

test('fractions: a cumulative counter counts where it passes a whole number, deltas are added up in the minute', async () => {
  const values = [0.4, 0.9, 1.1, 2.6, 3]
  const at = (index: number, start = begin) => ({ time: begin + 60 * (index + 1), start })
  await insertCounters(
    store.writer,
    values.map((Value, index) => ({ ...rowOf(at(index)), ...cumulative, Value })),
  )
  await settle()
  const minutes = await counted('slo_minute', 'Minute')
  expect(values.map((_, index) => minutes.get(`available ${begin + 60 * (index + 1)}`)?.[1] ?? 0)).toEqual([
    0, 0, 1, 1, 1,
  ])
  await forgetAll()
  const tenths = Array.from({ length: 12 }, (_, index) => rowOf({ time: begin + index, start: begin + index - 1 }))
  await insertCounters(
    store.writer,
    tenths.map(row => ({ ...row, ...delta, Value: 0.1 })),
  )
  await settle()
  expect((await totals('available'))[1]).toBe(1)
})

test('what is no count is left out: unset, negative, infinite values, sums that may fall, unknown temporality', async () => {
  const point = (time: number, Value: number, more = {}) => ({
    ...rowOf({ time: begin + time, start: begin + time - 1 }),
    ...delta,
    Value,
    ...more,
  })
  await insertCounters(store.writer, [
    point(0, 5),
    ...[point(1, -3), point(2, 1e300)],
    point(3, 7, { IsMonotonic: false }),
    point(4, 7, { AggregationTemporality: 0 }),
  ])
  await settle()
  expect(await totals('available')).toEqual([0, 5])
})

test('bad events of another metric: every one counts, also where the metric of all events is behind', async () => {
  const point = (name: string, time: number, Value: number) => ({
    ...rowOf({ name, time: begin + time, start: begin - 60 }),
    ...cumulative,
    Value,
  })
  await insertCounters(store.writer, [
    point('requests', 0, 100),
    point('errors', 0, 3),
    point('requests', 60, 101),
    point('errors', 60, 8),
  ])
  await settle()
  const minutes = await counted('slo_minute', 'Minute')
  expect([begin, begin + 60].map(minute => minutes.get(`errors ${minute}`))).toEqual([
    [97, 100],
    [0, 5],
  ])
})

test('good events of another metric are stored as delivered, also when there are more than valid ones', async () => {
  const point = (name: string, Value: number) => ({
    ...rowOf({ name, time: begin, start: begin - 60 }),
    ...cumulative,
    Value,
  })
  await insertCounters(store.writer, [point('requests', 10), point('successes', 12)])
  await settle()
  expect(await totals('successes')).toEqual([12, 10])
})

test('each point of a gauge is judged by its value, a repeated one once', async () => {
  const point = (time: number, Value: number, pod = 'a') => ({
    ...rowOf({ name: 'depth', pod, time: begin + time }),
    Value,
  })
  await insertGauges(store.writer, [point(0, 3), point(0, 3), point(0, 3, 'b'), point(20, 10), point(40, 9.99)])
  const level = {
    ...rowOf({ name: 'depth', pod: 'c', time: begin, start: begin - 9000 }),
    ...cumulative,
    IsMonotonic: false,
  }
  await insertCounters(store.writer, [{ ...level, Value: 12 }])
  await settle()
  expect(await totals('depth')).toEqual([3, 5])
})

test('when the buckets of a series change, what may have been good before is no longer counted as good', async () => {
  const at = (time: number) => ({ ...rowOf({ name: 'latency', time: begin + time, start: begin - 60 }), ...cumulative })
  await insertHistograms(store.writer, [
    { ...at(0), Count: 10, BucketCounts: [6, 4], ExplicitBounds: [0.25] },
    // 6 of 10 were surely below 0.25 before; now 8 of 12 are, of which 6 to 10 may be known already.
    { ...at(60), Count: 12, BucketCounts: [8, 2, 2], ExplicitBounds: [0.25, 1] },
  ])
  const coarser = { ...at(0), ...rowOf({ name: 'latency', pod: 'e', time: begin, start: begin - 60 }) }
  await insertExponential(store.writer, [
    { ...coarser, Count: 4, Scale: 1, ZeroCount: 1, PositiveOffset: -5, PositiveBucketCounts: [3] },
    {
      ...coarser,
      TimeUnix: begin + 60,
      Count: 6,
      Scale: -1,
      ZeroCount: 1,
      PositiveOffset: -2,
      PositiveBucketCounts: [5],
    },
  ])
  await settle()
  const minutes = await counted('slo_minute', 'Minute')
  // Scale 1, index −5: up to 2^−2 = 0.25. Scale −1, index −2: from 2^−4 up to 2^−2. Nothing is cut by 0.25 here.
  expect(minutes.get(`at-a-boundary ${begin}`)).toEqual([6 + 4, 10 + 4])
  expect(minutes.get(`at-a-boundary ${begin + 60}`)).toEqual([2 + 2, 2 + 2])
  expect(minutes.get(`between-boundaries ${begin + 60}`)?.[0]).toBeLessThanOrEqual(4)
})

test('a histogram without buckets, or with some that do not fit, tells how many there were and of none that it was fast', async () => {
  const at = (time: number) => ({ ...rowOf({ name: 'latency', time: begin + time, start: begin - 60 }), ...delta })
  await insertHistograms(store.writer, [
    { ...at(0), Count: 10, BucketCounts: [], ExplicitBounds: [] },
    { ...at(1), Count: 3, BucketCounts: [3, 0], ExplicitBounds: [0.1, 0.2, 0.3] },
  ])
  await settle()
  expect(await totals('at-a-boundary')).toEqual([0, 13])
  expect(await totals('not-failed')).toEqual([13, 13])
})
