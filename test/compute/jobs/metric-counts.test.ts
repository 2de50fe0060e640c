import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createPastReader } from '../../../compute/jobs/replay-data.ts'
import type { Slo } from '../../../slo-specs/schema/model.ts'
import { begin, counted, forgetAll, judged, nowMs, rows, settle, specs, store } from './metric-counting.ts'
import { type Export, highestOf, insertExports, senders } from './metric-points.ts'

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
