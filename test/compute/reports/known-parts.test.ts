import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { dataText } from '../../../api/data-texts.ts'
import { presentSlo } from '../../../api/present.ts'
import { remainingRatio, targetOf } from '../../../compute/budget/budget.ts'
import { createReports } from '../../../compute/reports/create-reports.ts'
import type { Reports } from '../../../compute/reports/reports.ts'
import type { Slo } from '../../../slo-specs/schema/model.ts'
import type { Store } from '../../../store/client/store.ts'
import { noHistory, specRevisionsTable } from '../../../store/tables/spec-revisions.ts'
import { specSetOf } from '../jobs/slos.ts'
import { openTestStore } from '../jobs/spans.ts'
import { countsIn, fillMonths, firstMs, nowMs, slos } from './months-past.ts'

/** Windows that reach back further than what is kept, over the real engine: what is counted, and what is said of it. */

const dayMs = 86_400_000
const minuteMs = 60_000
const floorMs = Math.floor(nowMs / minuteMs) * minuteMs
const clock = { now: () => nowMs, sleep: async () => {} }

let store: Store
let close: () => Promise<void>
let reports: Reports
let specs: readonly Slo[] = []

const run = (sql: string) => store.writer.execute({ name: 'change', sql, params: z.object({}) }, {})

function over(name: string, days: number, change: Partial<Slo> = {}): Slo {
  const slo = slos.find(candidate => candidate.name === name)
  if (slo === undefined) throw new Error(name)
  return { ...slo, window: { kind: 'rolling', seconds: days * 86_400, text: `${days}d` }, ...change }
}

async function statusOf(slo: Slo) {
  specs = [slo]
  const status = await reports.status(slo.name)
  if (status === undefined) throw new Error(slo.name)
  return status
}

/** Every seventh minute has events. */
const covered = (fromMs: number, toMs = floorMs) =>
  Math.floor((toMs - 1) / (7 * minuteMs)) - Math.floor((fromMs - 1) / (7 * minuteMs))

beforeAll(async () => {
  ;({ store, close } = await openTestStore())
  await fillMonths(store)
  reports = createReports({ reader: store.reader, specs: () => specSetOf(specs), clock })
})
afterAll(() => close())

describe('a status says which part of its window its numbers are of', () => {
  it('all of it, where data go back further', async () => {
    const fromMs = floorMs - 7 * dayMs
    expect(await statusOf(over('orders', 7))).toMatchObject({
      ...countsIn('orders', fromMs, nowMs),
      data: { fromMs, toMs: nowMs },
      coverage: covered(fromMs) / (7 * 1440),
    })
  })

  it('what follows the first data, where the window began before them', async () => {
    const first = Math.ceil(firstMs / (7 * minuteMs)) * 7 * minuteMs
    const status = await statusOf(over('orders', 60))
    expect(status).toMatchObject({
      ...countsIn('orders', firstMs, nowMs),
      data: { fromMs: first, toMs: nowMs },
      coverage: covered(firstMs) / (60 * 1440),
    })
    const { data, window } = presentSlo(status, undefined)
    expect(dataText(data, { from: window.from, until: window.to }, 'UTC')).toBe('data from 30 September 2026, 22:01 on')
  })

  it('what a revision was counted for, where raw events reached back no further when it came', async () => {
    const fromMs = Date.UTC(2026, 10, 15)
    for (const [step, time] of [
      ['minute', 'Minute'],
      ['hour', 'Hour'],
      ['day', 'Day'],
    ])
      await run(
        `INSERT INTO slo_${step} SELECT Slo, 'r-new', ${time}, Good, Valid, Version FROM slo_${step} WHERE Slo = 'orders' AND ${time} >= '2026-11-15'`,
      )
    const progress = (HistoryFrom: number, HistoryDone: number, Version: bigint) =>
      store.writer.insert(specRevisionsTable, [
        {
          ...{ Slo: 'orders', Revision: 'r-new', Service: 'shop', Document: '{}', SpecSetRevision: '' },
          FirstSeenAt: nowMs,
          HistoryFrom,
          HistoryDone,
          Version,
        },
      ])
    await progress(fromMs / 1000, 1, 2n)
    const changed = over('orders', 28, { revision: 'r-new' })
    expect(await statusOf(changed)).toMatchObject({
      ...countsIn('orders', fromMs, nowMs),
      data: { fromMs, toMs: nowMs },
      coverage: covered(fromMs) / (28 * 1440),
    })
    // Within a window that it was counted for nothing is missing.
    expect(
      (await statusOf({ ...changed, window: { kind: 'rolling', seconds: 7 * 86_400, text: '7d' } })).data?.fromMs,
    ).toBe(floorMs - 7 * dayMs)
    // Before anything of its past is counted nothing is known; of one that is no longer in force what was counted stays.
    await progress(noHistory, 0, 3n)
    expect(await statusOf(changed)).toMatchObject({ data: null, coverage: 0 })
    await progress(noHistory, 1, 4n)
    expect((await statusOf(changed)).data?.fromMs).toBe(floorMs - 28 * dayMs)
  })

  it('the part whose rows are kept: of time slices minutes, and none that is gone counts as silent', async () => {
    const fromMs = Date.UTC(2026, 10, 10)
    const days = Array.from({ length: 41 }, (_, day) => new Date(firstMs + day * dayMs).toISOString().slice(0, 10))
    await run(`ALTER TABLE slo_minute ${days.map(day => `DROP PARTITION '${day}'`).join(', ')}`)
    // The first row of the day, and the first slice that has all of its minutes.
    const data = { fromMs: Math.ceil(fromMs / (7 * minuteMs)) * 7 * minuteMs, toMs: nowMs }
    const hours = Math.floor((nowMs - fromMs) / 3_600_000)
    for (const noData of ['ignore', 'bad', 'good'] as const) {
      const slices = over('slices', 30, { timeSlices: { seconds: 3600, targetText: '0.97', noData } })
      const status = await statusOf(slices)
      expect(status, noData).toMatchObject({
        ...{ valid: BigInt(hours), data },
        coverage: covered(fromMs) / (30 * 1440),
      })
      const history = await reports.history('slices', { fromMs: nowMs - 1, toMs: nowMs, stepSeconds: 3600 })
      expect(history.at(-1)?.budgetRemainingRatio, noData).toBe(status.errorBudget.remainingRatio)
    }
    // Of events only the minutes before the first whole hour are gone.
    const edge = Math.ceil((floorMs - 30 * dayMs) / 3_600_000) * 3_600_000
    expect(await statusOf(over('orders', 30))).toMatchObject({
      ...countsIn('orders', edge, nowMs),
      data: { fromMs: edge, toMs: nowMs },
      coverage: covered(edge) / (30 * 1440),
    })
    const within = over('slices', 7)
    expect((await statusOf(within)).data).toEqual({ fromMs: floorMs - 7 * dayMs, toMs: nowMs })
  })

  it('of a composite the part that all of its members are known for', async () => {
    const both = over('both', 30)
    if (both.indicator.kind !== 'composite') throw new Error('no composite')
    const [orders, refunds] = both.indicator.members
    if (orders === undefined || refunds === undefined) throw new Error('no members')
    const members = [{ ...orders, slo: over('slices', 30) }, refunds]
    const status = await statusOf({ ...both, indicator: { ...both.indicator, members } })
    const fromMs = Math.ceil(Date.UTC(2026, 10, 10) / (7 * minuteMs)) * 7 * minuteMs
    expect(status).toMatchObject({ data: { fromMs, toMs: nowMs }, coverage: covered(fromMs) / (30 * 1440) })
  })
})

describe('a history whose rows are gone in part', () => {
  const stepSeconds = 300
  const minutesFromMs = Date.UTC(2026, 10, 10)
  const kept = Math.ceil(minutesFromMs / (7 * minuteMs)) * 7 * minuteMs
  const pointsOf = async (slo: Slo, fromMs: number, step = stepSeconds) => {
    specs = [slo]
    return reports.history(slo.name, { fromMs, toMs: nowMs, stepSeconds: step })
  }

  it('tells the budget of a rolling window from where the rows that leave it are kept, and none before', async () => {
    const days = 10
    const points = await pointsOf(over('orders', days), floorMs - 5 * dayMs)
    const known = points.filter(({ budgetRemainingRatio }) => budgetRemainingRatio !== null)
    expect(known[0]?.atMs).toBe(Math.ceil((kept + days * dayMs) / (stepSeconds * 1000)) * stepSeconds * 1000)
    for (const { atMs, budgetRemainingRatio } of known.filter((_, index) => index % 50 === 0)) {
      const endMs = Math.min(atMs + stepSeconds * 1000, Math.ceil(nowMs / minuteMs) * minuteMs)
      const { good, valid } = countsIn('orders', endMs - days * dayMs, endMs)
      expect(budgetRemainingRatio).toBe(remainingRatio(targetOf('0.99'), { good, valid }))
    }
    // What each step counted is there all the same, and with coarser steps the budget is.
    expect(points.every(({ atMs, valid }) => valid === countsIn('orders', atMs, atMs + stepSeconds * 1000).valid)).toBe(
      true,
    )
    const hourly = await pointsOf(over('orders', days), floorMs - 5 * dayMs, 3600)
    expect(hourly.every(({ budgetRemainingRatio }) => budgetRemainingRatio !== null)).toBe(true)
  })

  it('tells the budget of a calendar window again from the first step on that is kept', async () => {
    const orders = slos.find(({ name }) => name === 'orders')
    if (orders === undefined) throw new Error('no orders')
    const points = await pointsOf(orders, Date.UTC(2026, 10, 9))
    const known = points.filter(({ budgetRemainingRatio }) => budgetRemainingRatio !== null)
    // The first hour that is whole: the period up to a moment before that lacks minutes.
    expect(known[0]?.atMs).toBe(minutesFromMs + 3_600_000 - stepSeconds * 1000)
    expect(points.find(({ valid }) => valid > 0n)?.atMs).toBe(minutesFromMs)
    const { good, valid } = countsIn('orders', Date.UTC(2026, 9, 31, 23), nowMs)
    expect(known.at(-1)?.budgetRemainingRatio).toBe(remainingRatio(targetOf('0.99'), { good, valid }))
  })

  it('and layers say from when on they are, by the rows that they are made of', async () => {
    specs = [over('orders', 7), over('slices', 7)]
    const range = { fromMs: floorMs - 30 * dayMs, toMs: nowMs }
    const whole = { fromMs: Math.ceil(range.fromMs / 3_600_000) * 3_600_000, toMs: nowMs }
    expect((await reports.known('orders', range))?.data).toEqual(whole)
    expect(await reports.known('orders', range, stepSeconds)).toEqual({
      data: { fromMs: kept, toMs: nowMs },
      coverage: covered(minutesFromMs) / (30 * 1440),
    })
    expect((await reports.known('slices', range))?.data?.fromMs).toBe(kept)
    expect((await reports.known('orders', { ...range, fromMs: floorMs - dayMs }, 60))?.data?.fromMs).toBe(
      floorMs - dayMs,
    )
    expect(await reports.known('unknown', range)).toBeUndefined()
  })
})
