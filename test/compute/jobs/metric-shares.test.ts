import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createPastReader } from '../../../compute/jobs/replay-data.ts'
import { parseGood, service } from '../../slo-specs/parse.ts'
import { begin, counted, forgetAll, nowMs, rows, settle, store } from './metric-counting.ts'
import { cumulative, insertCounters, insertGauges, metricSource, rowOf, sloOfCounts } from './metric-points.ts'

const shares = (name: string, rawType: string, filter: string) =>
  sloOfCounts(name, `ratioMetric: {rawType: ${rawType}, raw: ${metricSource(filter)}}`)

const specs = parseGood(
  service,
  shares('successes', 'success', 'name == "probe.ratio" && service.name == "shop"'),
  shares('failures', 'failure', 'name == "probe.ratio" && http.route == "/pay"'),
)
const point = (second: number, Value: number, pod = 'a', start = 0) => ({
  ...rowOf({ name: 'probe.ratio', pod, time: begin + second, start }),
  Value,
})
const settled = async () => {
  await settle(10_000, specs)
  const minutes = await counted('slo_minute', 'Minute')
  return (slo: string, minute = 0) => minutes.get(`${slo} ${begin + 60 * minute}`)
}

test('a ready-made share weighs a million parts a minute and series, rounded towards bad', async () => {
  await insertGauges(store.writer, [
    point(5, 0.9999999),
    point(65, 0.0000001),
    point(125, 0.3),
    point(126, 0.5, 'b'),
    point(185, 0),
    point(245, 1),
  ])
  const of = await settled()
  expect([0, 1, 2, 3, 4].map(minute => of('successes', minute))).toEqual([
    [999_999, 1_000_000],
    [0, 1_000_000],
    [800_000, 2_000_000],
    [0, 1_000_000],
    [1_000_000, 1_000_000],
  ])
  expect([0, 1, 2, 3, 4].map(minute => of('failures', minute))).toEqual([
    [0, 1_000_000],
    [999_999, 1_000_000],
    [1_200_000, 2_000_000],
    [1_000_000, 1_000_000],
    [0, 1_000_000],
  ])
})

test('the last point of a minute tells it, also of a new process and when it arrives late; of two at once the worse one', async () => {
  await insertGauges(store.writer, [point(30, 0.25, 'a', begin - 60), point(90, 0.5), point(90, 0.75)])
  expect((await settled())('successes')).toEqual([250_000, 1_000_000])
  await insertGauges(store.writer, [
    point(10, 0.125),
    point(50, 0.625, 'a', begin + 40),
    point(50, 0.625, 'a', begin + 40),
  ])
  const of = await settled()
  expect([of('successes'), of('successes', 1), of('failures', 1)]).toEqual([
    [625_000, 1_000_000],
    [500_000, 1_000_000],
    [250_000, 1_000_000],
  ])
})

test('what is no share counts nothing, and a minute without one is missing', async () => {
  await insertGauges(store.writer, [point(5, 0.5), point(50, 1.1), point(65, -0.1), point(70, 50)])
  const sum = (second: number, Value: number, IsMonotonic: boolean) => ({
    ...point(second, Value),
    ...cumulative,
    IsMonotonic,
  })
  await insertCounters(store.writer, [sum(130, 0.75, false), sum(190, 1, true)])
  const of = await settled()
  expect([0, 1, 2, 3].map(minute => of('successes', minute))).toEqual([
    [500_000, 1_000_000],
    undefined,
    [750_000, 1_000_000],
    undefined,
  ])
})

test('a correction drops the minutes that begin within it', async () => {
  const iso = (minute: number) => new Date((begin + 60 * minute) * 1000).toISOString()
  const correction = `apiVersion: ninefold.dev/v1
kind: Correction
metadata: {name: probe-moved}
spec: {slos: [successes], reason: Moved., approver: me, timeRange: {from: ${iso(1)}, to: ${iso(2)}}}
`
  const raw = shares('successes', 'success', 'name == "probe.ratio" && service.name == "shop"')
  await insertGauges(store.writer, [point(5, 1), point(65, 0), point(125, 0.5)])
  await settle(10_000, parseGood(service, raw, correction))
  const minutes = await counted('slo_minute', 'Minute')
  expect([0, 1, 2].map(minute => minutes.get(`successes ${begin + 60 * minute}`))).toEqual([
    [1_000_000, 1_000_000],
    undefined,
    [500_000, 1_000_000],
  ])
})

test('any order of arrival gives the numbers of an integer oracle, in minutes, hours, layers and plans', async () => {
  const measured = fc.record({
    pod: fc.constantFrom('a', 'b', 'c'),
    second: fc.integer({ min: 0, max: 6000 }),
    parts: fc.integer({ min: 0, max: 1_000_000 }),
  })
  const drawn = fc
    .uniqueArray(measured, { minLength: 1, maxLength: 60, selector: ({ pod, second }) => `${pod} ${second}` })
    .chain(points => fc.tuple(fc.constant(points), fc.shuffledSubarray(points, { minLength: points.length })))
  await fc.assert(
    fc.asyncProperty(drawn, async ([points, arriving]) => {
      await forgetAll()
      const half = Math.ceil(arriving.length / 2)
      for (const part of [arriving.slice(0, half), arriving.slice(half), arriving.slice(0, half)]) {
        const gauges = part.map(({ pod, second, parts }) => point(second, parts / 1_000_000, pod))
        if (gauges.length > 0) await insertGauges(store.writer, gauges)
        await settle(10_000, specs)
      }
      expect(await counted('slo_minute', 'Minute')).toEqual(oracle(points, 60))
      expect(await counted('sli_minute', 'Minute')).toEqual(oracle(points, 60))
      const hours = oracle(points, 3600)
      for (const [key, value] of await counted('slo_hour', 'Hour')) expect([key, value]).toEqual([key, hours.get(key)])
      const range = { fromMs: begin * 1000, toMs: nowMs - 30_000 }
      const past = createPastReader(store.reader, range)
      const read = async (isStored: boolean) =>
        (await past.read(specs.slos.map(slo => ({ slo, isStored })))).map(({ series }) =>
          series.between(range.fromMs, range.toMs),
        )
      expect(await read(false)).toEqual(await read(true))
    }),
    { numRuns: 4, endOnFailure: true },
  )
  const pods = await rows('SELECT DISTINCT Pod AS key, Good AS good, Valid AS valid FROM sli_minute FINAL')
  expect(pods.every(({ key }) => /^[abc]$/.test(key))).toBe(true)
}, 300_000)

/** Good and valid by SLO and step. The shares are whole millionths, of which the double next to them may lie a hair to either side. */
function oracle(
  points: readonly { readonly pod: string; readonly second: number; readonly parts: number }[],
  stepSeconds: number,
): Map<string, readonly [number, number]> {
  const last = new Map<string, (typeof points)[number]>()
  for (const each of [...points].sort((a, b) => a.second - b.second))
    last.set(`${each.pod} ${Math.floor(each.second / 60)}`, each)
  const counts = new Map<string, readonly [number, number]>()
  const add = (slo: string, second: number, parts: number) => {
    const at = begin + second
    const key = `${slo} ${at - (at % stepSeconds)}`
    const [good, valid] = counts.get(key) ?? [0, 0]
    counts.set(key, [good + parts, valid + 1_000_000])
  }
  for (const { second, parts } of last.values()) {
    const value = (parts / 1_000_000) * 1_000_000
    add('successes', second, Math.floor(value))
    add('failures', second, 1_000_000 - Math.ceil(value))
  }
  return counts
}
