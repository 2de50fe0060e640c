import { expect, test } from 'vitest'
import { begin, counted, forgetAll, settle, store, totals } from './metric-counting.ts'
import {
  cumulative,
  delta,
  insertCounters,
  insertExponential,
  insertGauges,
  insertHistograms,
  rowOf,
} from './metric-points.ts'

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
