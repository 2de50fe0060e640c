import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { partText } from '../../../api/period-texts.ts'
import type { PeriodReply } from '../../../api/schemas/period-replies.ts'
import type { Listening } from '../../../api/server.ts'
import { divide } from '../../../compute/budget/divide.ts'
import { periodOf } from '../../../compute/budget/period.ts'
import { createReports } from '../../../compute/reports/create-reports.ts'
import type { PeriodReport } from '../../../compute/reports/period-report.ts'
import type { Reports } from '../../../compute/reports/reports.ts'
import type { Store } from '../../../store/client/store.ts'
import { startApi } from '../../api/api-under-test.ts'
import { specSetOf } from '../jobs/slos.ts'
import { openTestStore } from '../jobs/spans.ts'
import { countsIn, fillMonths, firstMs, nowMs, slos, timeZone } from './months-past.ts'

/** Calendar periods over the real engine: against counting by hand, and against what the API says of the same window. */

let store: Store
let close: () => Promise<void>
let reports: Reports
let api: Listening

const at = (atMs: number) =>
  createReports({
    reader: store.reader,
    specs: () => specSetOf(slos),
    clock: { now: () => atMs, sleep: async () => {} },
  })

beforeAll(async () => {
  ;({ store, close } = await openTestStore())
  await fillMonths(store)
  reports = at(nowMs)
  api = await startApi({ reports, clock: { now: () => nowMs, sleep: async () => {} } })
})
afterAll(async () => {
  await api.close()
  await close()
})

async function get<T>(path: string): Promise<T> {
  const response = await fetch(new URL(`/api/v1/${path}`, api.url))
  const text = await response.text()
  expect(response.status, text).toBe(200)
  return JSON.parse(text)
}

function read(text: string, zone = timeZone, from = reports): Promise<PeriodReport> {
  const period = periodOf(text, zone)
  if (period === undefined) throw new Error(text)
  return from.period(period)
}

const named = <T extends { readonly name: string }>(of: { readonly slos: readonly T[] }, name: string): T => {
  const found = of.slos.find(slo => slo.name === name)
  if (found === undefined) throw new Error(name)
  return found
}

describe('the report of a period', () => {
  it('agrees with what the API says of an SLO whose window is that month, to the last digit and for every method', async () => {
    const report = await get<PeriodReply>(`reports/2026-11?timeZone=${timeZone}`)
    expect(report).toMatchObject({
      isRunning: true,
      from: '2026-10-31T23:00:00.000Z',
      until: new Date(nowMs).toISOString(),
    })
    expect(named(report, 'corrected').corrections).toMatchObject([{ approver: 'Ada', occurrences: 2 }])
    for (const { name } of slos) {
      const slo = await get<PeriodReply['slos'][number]>(`slos/${name}`)
      const { exhaustedAt: _, exhaustedAtDayRate: __, ...errorBudget } = slo.errorBudget as Record<string, unknown>
      const { good, valid, sli, coverage, inconsistent, revision } = slo
      expect(named(report, name).corrections, name).toEqual(slo.corrections)
      expect(named(report, name), name).toMatchObject({
        good,
        valid,
        sli,
        coverage,
        inconsistent,
        revision,
        errorBudget,
      })
    }
  })

  it('agrees with the history of the API, whose steps of an over month sum to it', async () => {
    const report = await get<PeriodReply>(`reports/2026-10?timeZone=${timeZone}`)
    expect(report).toMatchObject({ isRunning: false, until: '2026-10-31T23:00:00.000Z' })
    for (const name of ['orders', 'refunds', 'slices']) {
      type Points = { points: { good: number; valid: number }[] }
      const { points } = await get<Points>(`slos/${name}/history?from=${report.from}&to=${report.to}&step=1h`)
      const sum = (field: 'good' | 'valid') => points.reduce((all, point) => all + point[field], 0)
      expect(named(report, name)).toMatchObject({ good: sum('good'), valid: sum('valid') })
    }
  })

  it('says of an over month what its status said in its last minute', async () => {
    const { slos: then } = await read('2026-10')
    const lastMinute = at(Date.UTC(2026, 9, 31, 23) - 1)
    for (const { name } of slos) {
      const { good, valid, sli } = (await lastMinute.status(name)) ?? {}
      expect(named({ slos: then }, name), name).toMatchObject({ good, valid, sli })
    }
  })

  it('counts what is counted by hand, on the clocks of the time zone, and compares with the period before', async () => {
    const [october, november] = [await read('2026-10'), await read('2026-11')]
    const [from, to] = [Date.UTC(2026, 9, 31, 23), nowMs]
    const [then, now] = [countsIn('orders', firstMs, from), countsIn('orders', from, to)]
    expect(named(october, 'orders')).toMatchObject({ ...then, isKept: true, before: { sli: null }, trend: null })
    expect(named(november, 'orders')).toMatchObject({ ...now, isKept: false, trend: 'worse', before: then })
    expect(named(november, 'orders').sli).toBe(divide(now.good, now.valid))
    // From days where the whole year is wanted, UTC.
    expect(named(await read('2026', 'UTC'), 'refunds')).toMatchObject(countsIn('refunds', firstMs, nowMs))
  })

  it('has the worst budget first and those without data last, which are neither kept nor missed', async () => {
    const { slos: all } = await read('2026-11')
    const left = all.filter(({ isKept }) => isKept !== null).map(({ errorBudget }) => errorBudget.remainingRatio)
    expect(left).toEqual([...left].sort((a, b) => a - b))
    expect(all.at(-1)).toMatchObject({ name: 'silent', sli: null, isKept: null, valid: 0n, spent: [] })
  })

  it('shows when the budget went: day by day, never back, to what its status says is spent', async () => {
    const { slos: all, partEndsMs } = await read('2026-11')
    expect(partEndsMs).toHaveLength(23)
    for (const { name, spent, errorBudget } of all) {
      if (name === 'silent') continue
      expect(spent, name).toHaveLength(partEndsMs.length)
      expect(spent, name).toEqual([...spent].sort((a, b) => a - b))
      expect(spent.at(-1), name).toBeCloseTo(1 - errorBudget.remainingRatio, 12)
    }
    const { good, valid } = countsIn('orders', Date.UTC(2026, 9, 31, 23), partEndsMs[8] ?? 0)
    const whole = countsIn('orders', Date.UTC(2026, 9, 31, 23), nowMs)
    expect(named({ slos: all }, 'orders').spent[8]).toBe(divide((valid - good) * 100n, whole.valid))
  })

  it('tells an incident with what it cost from the beginning of the window that it fired on, and whom it reached', async () => {
    const { incidents, incidentsBefore, slos: all } = await read('2026-11')
    const [fired, resolved] = [Date.UTC(2026, 10, 9, 4, 4), Date.UTC(2026, 10, 9, 4, 39)]
    const { good, valid } = countsIn('orders', fired - 3_600_000, resolved)
    expect(incidents).toMatchObject([
      {
        ...{ slo: 'orders', firedAtMs: fired, durationSeconds: 2100, suspectVersion: '1.5.0' },
        budgetShare: divide((valid - good) * 100n, named({ slos: all }, 'orders').valid),
        paged: [
          { target: 'on-call', state: 'sent' },
          { target: 'second', state: 'rejected' },
        ],
      },
    ])
    expect(incidentsBefore).toBe(0)
    expect((await read('2026-10')).incidents).toEqual([])
    expect(await read('2026-W47')).toMatchObject({ before: { text: '2026-W46' }, incidentsBefore: 1, incidents: [] })
  })

  it('says that nothing was counted before there was anything, and refuses what has not begun or is no period', async () => {
    for (const slo of (await read('2001-Q1', 'UTC')).slos)
      expect(slo).toMatchObject({ good: 0n, valid: 0n, sli: null, isKept: null, isRetained: true, trend: null })
    for (const [path, detail] of [
      ['2027-01', '2027-01 has not begun yet'],
      ['2026-13', '2026-13 is no period: write 2026, 2026-Q4, 2026-11, 2026-W48 or 2026-11-27'],
      ['2026-11?timeZone=Mars', 'timeZone: is no IANA time zone, such as Europe/Berlin'],
    ]) {
      const response = await fetch(new URL(`/api/v1/reports/${path}`, api.url))
      expect([response.status, await response.json()]).toMatchObject([400, { code: 'API_BAD_REQUEST', detail }])
    }
  })

  describe('of time whose finer rows are no longer kept', () => {
    const drop = async (table: string, partitions: readonly string[]) => {
      const sql = `ALTER TABLE ${table} ${partitions.map(name => `DROP PARTITION '${name}'`).join(', ')}`
      await store.writer.execute({ name: 'drop', sql, params: z.object({}) }, {})
    }
    let before: PeriodReport
    beforeAll(async () => {
      before = await read('2026-10')
      const days = Array.from({ length: 31 }, (_, day) =>
        new Date(firstMs + day * 86_400_000).toISOString().slice(0, 10),
      )
      await drop('slo_minute', days)
    })

    it('counts what is left, says from when on it is, and compares nothing with a part', async () => {
      const after = await read('2026-10')
      // The last of the month's 745 hours, from the first row on that is left; 22 slices have all of their minutes.
      const left = { fromMs: Math.ceil(Date.UTC(2026, 9, 31) / 420_000) * 420_000, toMs: Date.UTC(2026, 9, 31, 23) }
      const minutes = (from: number, to: number) => Math.floor((to - 1) / 420_000) - Math.floor((from - 1) / 420_000)
      for (const name of ['slices', 'corrected'])
        expect(named(after, name)).toMatchObject({
          ...{ isRetained: true, data: left, valid: 22n },
          coverage: minutes(left.fromMs, left.toMs) / (745 * 60),
        })
      // Hours and days are kept.
      for (const name of ['orders', 'refunds', 'both']) expect(named(after, name)).toEqual(named(before, name))
      expect(named(await read('2026-11'), 'slices')).toMatchObject({
        ...{ isRetained: true, before: { sli: null }, trend: null },
        data: { fromMs: Date.UTC(2026, 9, 31, 23), toMs: nowMs },
      })
    })

    it('says nothing of a week of which nothing is left', async () => {
      const gone = {
        isRetained: false,
        isKept: null,
        sli: null,
        good: 0n,
        valid: 0n,
        coverage: 0,
        data: null,
        spent: [],
      }
      const week = await read('2026-W41')
      for (const name of ['slices', 'corrected', 'means']) expect(named(week, name), name).toMatchObject(gone)
      expect(named(week, 'orders').isRetained).toBe(true)
    })

    it('counts between the rows that are gone at both ends of a month, and tells no days apart without them', async () => {
      await drop('slo_hour', ['202609', '202610'])
      const data = { fromMs: Date.UTC(2026, 9, 1), toMs: Date.UTC(2026, 9, 31) }
      const month = named(await read('2026-10'), 'orders')
      expect(month).toMatchObject({ ...countsIn('orders', data.fromMs, data.toMs), data, isRetained: true, spent: [] })
      // The clocks of Berlin; what was asked for of them before is remembered.
      const reply = await get<PeriodReply>('reports/2026-10?timeZone=Europe/Paris')
      expect(partText(named(reply, 'orders'), reply)).toBe('data from 1 October 2026, 02:00 to 31 October 2026, 01:00')
    })
  })
})
