import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { burnRate, remainingRatio, sliOf, targetOf } from '../../../compute/budget/budget.ts'
import { calendarPeriod } from '../../../compute/budget/calendar.ts'
import type { WeighedCounts } from '../../../compute/budget/composite.ts'
import { sliceBudget } from '../../../compute/budget/slice-budget.ts'
import { createPastReader } from '../../../compute/jobs/replay-data.ts'
import { statusAt } from '../../../compute/jobs/replay-slo.ts'
import { createReports } from '../../../compute/reports/create-reports.ts'
import type { Reports } from '../../../compute/reports/reports.ts'
import type { Slo, TimeSlices } from '../../../slo-specs/schema/model.ts'
import type { Reader } from '../../../store/client/store.ts'
import { notFailed, serviceIs, sloOf, specSetOf } from '../jobs/slos.ts'
import { openTestStore } from '../jobs/spans.ts'

/** Time slices and calendar windows on the real engine, against counting minute by minute. */

const minuteMs = 60_000
const dayMs = 86_400_000
const nowMs = Math.floor(Date.now() / minuteMs) * minuteMs + 20_000
const end = Math.ceil(nowMs / minuteMs) * minuteMs
const floor = Math.floor(nowMs / minuteMs) * minuteMs
const clock = { now: () => nowMs, sleep: async () => {} }
const rolling = { kind: 'rolling', seconds: 86_400, text: '1d' } as const
const calendar = (count: number, unit: 'h' | 'd', seconds: number) =>
  ({
    kind: 'calendar',
    seconds,
    text: `${count}${unit}`,
    calendar: { count, unit, startTime: '2026-01-01 00:00:00', timeZone: 'Asia/Kolkata' },
  }) as const
const slices = (minutes: number, noData: TimeSlices['noData'], targetText = '0.9') => ({
  budgetingMethod: 'Timeslices' as const,
  timeSlices: { seconds: minutes * 60, targetText, noData },
})
const means = (minutes: number, noData: TimeSlices['noData']) => ({
  budgetingMethod: 'RatioTimeslices' as const,
  timeSlices: { seconds: minutes * 60, noData },
})
const counted = { total: serviceIs('shop'), good: notFailed }
const slos: readonly Slo[] = [
  sloOf('ignored', counted, { window: rolling, ...slices(5, 'ignore') }),
  sloOf('good', counted, { window: rolling, ...slices(15, 'good', '1') }),
  sloOf('bad', counted, { window: rolling, ...slices(7, 'bad') }),
  sloOf('daily', counted, { window: calendar(1, 'd', 86_400) }),
  sloOf('five-hours', counted, { window: calendar(5, 'h', 18_000) }),
  sloOf('daily-slices', counted, { window: calendar(1, 'd', 86_400), ...slices(15, 'bad') }),
  sloOf('mean', counted, { window: rolling, ...means(5, 'ignore') }),
  sloOf('mean-good', counted, { window: rolling, ...means(7, 'good') }),
  sloOf('daily-mean', counted, { window: calendar(1, 'd', 86_400), ...means(15, 'bad') }),
]
const minutes = new Map<number, { good: number; valid: number }>()
let close: () => Promise<void>
let reports: Reports
let reader: Reader

beforeAll(async () => {
  const opened = await openTestStore()
  close = opened.close
  reader = opened.store.reader
  // Three days: hours of silence, of calm and of failures.
  const random = fc.sample(fc.integer({ min: 0, max: 99 }), { numRuns: 3 * 1440, seed: 7 })
  for (const [age, value] of random.entries()) {
    const mood = Math.floor(age / 37) % 5
    // The running minute has events, so that a period that has just begun has some too.
    if (age > 0 && (mood === 0 || value < 20)) continue
    const valid = 1 + (value % 10)
    minutes.set(floor - age * minuteMs, { good: mood === 1 ? valid - (value % 3 === 0 ? 1 : 0) : valid, valid })
  }
  const rows = [...minutes].map(([atMs, { good, valid }]) => `(${atMs / 1000},${good},${valid})`).join(',')
  const insert = (sql: string) => opened.store.writer.execute({ name: 'minutes', sql, params: z.object({}) }, {})
  for (const { name, revision } of slos) {
    const key = `'${name}', '${revision}'`
    await insert(
      `INSERT INTO slo_minute SELECT ${key}, toDateTime(c1, 'UTC'), c2, c3, 1 FROM VALUES('c1 UInt32, c2 UInt64, c3 UInt64', ${rows})`,
    )
    const coarser = (step: 'hour' | 'day', finer: string, at: string, before: string) =>
      insert(`INSERT INTO slo_${step} SELECT Slo, Revision, ${at} AS At, sum(Good), sum(Valid), 1 FROM slo_${finer}
WHERE Slo = '${name}' AND At < ${before} GROUP BY 1, 2, 3`)
    await coarser('hour', 'minute', 'toStartOfHour(Minute)', `toStartOfHour(toDateTime(${end / 1000}, 'UTC'))`)
    await coarser(
      'day',
      'hour',
      `toDateTime(toStartOfDay(Hour), 'UTC')`,
      `toStartOfDay(toDateTime(${end / 1000}, 'UTC'))`,
    )
  }
  reports = createReports({ reader, specs: () => specSetOf([...slos]), clock })
})
afterAll(() => close())

function events(fromMs: number, toMs: number) {
  let [good, valid] = [0, 0]
  for (let atMs = fromMs; atMs < toMs; atMs += minuteMs) {
    const minute = minutes.get(atMs)
    good += minute?.good ?? 0
    valid += minute?.valid ?? 0
  }
  return { good: BigInt(good), valid: BigInt(valid) }
}

const one = 10n ** 18n

function shareIn18Digits({ good, valid }: { good: bigint; valid: bigint }) {
  const [digits, rest] = [(good * one) / valid, (good * one) % valid]
  return rest * 2n >= valid ? digits + 1n : digits
}

/** Slices that begin in the range, each judged whole. */
function slicesIn({ seconds, targetText, noData }: TimeSlices, fromMs: number, toMs: number): WeighedCounts {
  let [good, valid] = [0n, 0n]
  const sum = { good: 0n, valid: 0n }
  const lengthMs = seconds * 1000
  for (let atMs = Math.ceil(fromMs / lengthMs) * lengthMs; atMs < toMs; atMs += lengthMs) {
    const counts = events(atMs, Math.min(atMs + lengthMs, end))
    const isOver = atMs + lengthMs <= nowMs
    const isJudged = counts.valid > 0n || (noData !== 'ignore' && isOver)
    sum.good += counts.good
    sum.valid += counts.valid
    if (!isJudged) continue
    valid += 1n
    if (targetText === undefined) good += counts.valid > 0n ? shareIn18Digits(counts) : noData === 'good' ? one : 0n
    else if (counts.valid === 0n) good += noData === 'good' ? 1n : 0n
    else if (Number(counts.good) / Number(counts.valid) >= Number(targetText)) good += 1n
  }
  return targetText === undefined ? { ...sum, exact: { good, valid: valid * one } } : { good, valid }
}

const count = ({ timeSlices }: Slo, fromMs: number, toMs: number): WeighedCounts =>
  timeSlices === undefined ? events(fromMs, toMs) : slicesIn(timeSlices, fromMs, toMs)

function periodOf({ window }: Slo, atMs: number) {
  if (window.calendar !== undefined) return calendarPeriod(window.calendar, atMs)
  return { fromMs: atMs - window.seconds * 1000, toMs: atMs }
}

function budgetLeft(slo: Slo, counts: { good: bigint; valid: bigint }, period: { fromMs: number; toMs: number }) {
  const target = targetOf(slo.objectiveText)
  return slo.timeSlices === undefined
    ? remainingRatio(target, counts)
    : sliceBudget(target, counts, (period.toMs - period.fromMs) / 1000, slo.timeSlices).ratio
}

test.each(slos)('$name has the status that counting by hand gives', async slo => {
  const status = await reports.status(slo.name)
  const period = periodOf(slo, slo.window.kind === 'rolling' ? floor : nowMs)
  const { exact, ...counts } = count(slo, period.fromMs, end)
  expect(counts.valid).toBeGreaterThan(0n)
  expect(status).toMatchObject({ ...counts, sli: sliOf(exact ?? counts), budgetingMethod: slo.budgetingMethod })
  expect(status?.window).toEqual({ kind: slo.window.kind, text: slo.window.text, fromMs: period.fromMs, toMs: nowMs })
  expect(status?.errorBudget.remainingRatio).toBe(budgetLeft(slo, exact ?? counts, period))
})

const ranges = fc
  .tuple(
    fc.integer({ min: 60, max: 2 * 1440 }),
    fc.integer({ min: 1, max: 2000 }),
    fc.constantFrom(900, 3600, 7200, 25_200),
  )
  .map(([ago, length, stepSeconds]) => ({
    fromMs: nowMs - ago * minuteMs,
    toMs: nowMs - (ago - length) * minuteMs,
    stepSeconds,
  }))

test.each(slos)('$name has a history whose every point is what counting by hand gives', async slo => {
  const target = targetOf(slo.objectiveText)
  await fc.assert(
    fc.asyncProperty(ranges, async range => {
      const points = await reports.history(slo.name, range)
      expect(points.length).toBeGreaterThan(0)
      for (const point of points) {
        const stepEnd = Math.min(point.atMs + range.stepSeconds * 1000, end)
        const { exact, ...counts } = count(slo, point.atMs, stepEnd)
        const period = periodOf(slo, slo.window.kind === 'rolling' ? stepEnd : stepEnd - 1)
        const all = count(slo, period.fromMs, stepEnd)
        const whole = all.exact ?? all
        expect(point).toEqual({
          atMs: point.atMs,
          ...counts,
          sli: sliOf(exact ?? counts),
          burnRate: burnRate(target, exact ?? counts),
          budgetRemainingRatio: whole.valid === 0n ? null : budgetLeft(slo, whole, period),
        })
      }
    }),
    { numRuns: 8 },
  )
})

test.each(slos)('$name is replayed as it is read', async slo => {
  const past = createPastReader(reader, { fromMs: floor - 3 * dayMs, toMs: floor })
  const [data] = await past.read([{ slo, isStored: true }])
  if (data === undefined) throw new Error('nothing read')
  const atMinute = createReports({
    reader,
    specs: () => specSetOf([...slos]),
    clock: { now: () => floor, sleep: async () => {} },
  })
  const [now, then] = [await atMinute.status(slo.name), statusAt(slo, data, floor)]
  expect(then).toMatchObject({ good: now?.good, valid: now?.valid, sli: now?.sli, errorBudget: now?.errorBudget })
  expect(then.burnRates.map(({ window, rate, slices }) => ({ window, rate, slices }))).toEqual(
    now?.burnRates.map(({ window, rate, slices }) => ({ window, rate, slices })),
  )
})

test('three days were enough to see silence, failures and several periods', () => {
  expect(minutes.size).toBeGreaterThan(1000)
  expect([...minutes.values()].some(({ good, valid }) => good < valid)).toBe(true)
  expect(nowMs - Math.min(...minutes.keys())).toBeGreaterThan(2.5 * dayMs)
})
