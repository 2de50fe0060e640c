import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { createPastReader } from '../../../compute/jobs/replay-data.ts'
import { statusAt } from '../../../compute/jobs/replay-slo.ts'
import { createReports } from '../../../compute/reports/create-reports.ts'
import type { Reports } from '../../../compute/reports/reports.ts'
import type { SpecSet } from '../../../slo-specs/schema/model.ts'
import type { Store } from '../../../store/client/store.ts'
import { parseGood, service, sloText } from '../../slo-specs/parse.ts'
import { openTestStore } from '../jobs/spans.ts'

/** A composite over the real engine: one member by each minute's events, written into the roll-ups as they would be. */

const nowMs = Math.floor(Date.now() / 60_000) * 60_000
const from = nowMs / 1000 - 180 * 60
const clock = { now: () => nowMs, sleep: async () => {} }
const source = (filter: string) => `{metricSource: {type: telemetry, spec: {signal: traces, filter: '${filter}'}}}`
const own = (name: string) =>
  `indicator: {metadata: {name: ${name}}, spec: {ratioMetric: {good: ${source('status != "Error"')}, total: ${source(`service.name == "${name}"`)}}}}`
const objectives = `{displayName: cart, target: 0.9, compositeWeight: 3, ${own('cart')}}, {displayName: pay, target: 0.95, ${own('pay')}}`
const text = (name: string, method: string, more: string) =>
  sloText({
    name,
    window: '3h',
    objective: objectives
      .replaceAll('compositeWeight', `${more}compositeWeight`)
      .replace('target: 0.95,', `target: 0.95, ${more}`),
  }).replace('Occurrences', method)

let store: Store
let close: () => Promise<void>
let reports: Reports
let specs: SpecSet
beforeAll(async () => {
  ;({ store, close } = await openTestStore())
  specs = parseGood(
    service,
    text('buying', 'Occurrences', ''),
    text('sliced', 'Timeslices', 'timeSliceTarget: 0.8, timeSliceWindow: 1m, '),
    text('averaged', 'RatioTimeslices', 'timeSliceWindow: 1m, '),
  )
  // Minutes 0 to 179: cart 10 events, bad ones in the last hour; pay 100 events, bad ones in the first.
  for (const { name, revision } of specs.slos) {
    const counts = name.endsWith('cart') ? 'if(number >= 120, 7, 10), 10' : 'if(number < 60, 90, 100), 100'
    if (!/-(cart|pay)$/.test(name)) continue
    const sql = `INSERT INTO slo_minute SELECT '${name}', '${revision}', toDateTime(${from} + number * 60, 'UTC'), ${counts}, 1 FROM numbers(180)`
    await store.writer.execute({ name: 'minutes', sql, params: z.object({}) }, {})
    const coarser = `INSERT INTO slo_hour SELECT Slo, Revision, toStartOfHour(Minute) AS At, sum(Good), sum(Valid), 1 FROM slo_minute
WHERE Slo = '${name}' AND At + 3600 <= toDateTime(${nowMs / 1000}, 'UTC') GROUP BY 1, 2, 3`
    await store.writer.execute({ name: 'hours', sql: coarser, params: z.object({}) }, {})
  }
  reports = createReports({ reader: store.reader, specs: () => specs, clock })
})
afterAll(() => close())

test('is an SLO beside its members, with the weighted mean of their targets and the alerts of the definition', () => {
  expect(specs.slos.map(({ name, objectiveText, alerts }) => [name, objectiveText, alerts.length > 0])).toEqual([
    ['averaged', '0.9125', true],
    ['averaged-cart', '0.9', false],
    ['averaged-pay', '0.95', false],
    ['buying', '0.9125', true],
    ['buying-cart', '0.9', false],
    ['buying-pay', '0.95', false],
    ['sliced', '0.9125', true],
    ['sliced-cart', '0.9', false],
    ['sliced-pay', '0.95', false],
  ])
})

const cart = 0.9
const pay = (120 * 100 + 60 * 90) / 18_000
const lastHour = { cart: 0.7, pay: 1 }

test('has the SLI of its members, burns by it, and says so in events', async () => {
  const status = await reports.status('buying')
  const sli = (3 * cart + pay) / 4
  expect(status?.sli).toBeCloseTo(sli, 12)
  expect(status).toMatchObject({ valid: 180n * 110n, good: BigInt(Math.floor(sli * 180 * 110)) })
  expect(status?.errorBudget.remainingRatio).toBeCloseTo(1 - (1 - sli) / (1 - 0.9125), 9)
  const hour = status?.burnRates.find(({ window }) => window === '1h')
  expect(hour?.rate).toBeCloseTo((1 - (3 * lastHour.cart + lastHour.pay) / 4) / (1 - 0.9125), 9)
  expect(await reports.layers('buying', 'pod', { fromMs: from * 1000, toMs: nowMs })).toEqual([])
})

test('of time slices weighs the shares of good slices', async () => {
  const status = await reports.status('sliced')
  // Of cart the slices of the last hour are bad, of pay none is.
  expect(status?.sli).toBeCloseTo((3 * (120 / 180) + 1) / 4, 12)
  const hour = status?.burnRates.find(({ window }) => window === '1h')
  expect(hour?.rate).toBeCloseTo((1 - 1 / 4) / (1 - 0.9125), 9)
})

test('of time slices that are good in parts weighs their means', async () => {
  const status = await reports.status('averaged')
  // Equal traffic in every slice: the mean is the share of good events.
  expect(status?.sli).toBeCloseTo((3 * cart + pay) / 4, 12)
  const hour = status?.burnRates.find(({ window }) => window === '1h')
  expect(hour?.rate).toBeCloseTo((1 - (3 * lastHour.cart + lastHour.pay) / 4) / (1 - 0.9125), 9)
})

test('has a history whose points are what its members say', async () => {
  const range = { fromMs: nowMs - 3 * 3_600_000, toMs: nowMs, stepSeconds: 3600 }
  const [points, ofCart, ofPay] = await Promise.all(
    ['buying', 'buying-cart', 'buying-pay'].map(name => reports.history(name, range)),
  )
  expect(points?.length).toBeGreaterThan(2)
  for (const [index, point] of (points ?? []).entries()) {
    const [a, b] = [ofCart?.[index]?.sli, ofPay?.[index]?.sli]
    if (a === null || b === null || a === undefined || b === undefined) continue
    expect(point.sli).toBeCloseTo((3 * a + b) / 4, 12)
    expect(point.burnRate).toBeCloseTo((1 - (3 * a + b) / 4) / (1 - 0.9125), 9)
  }
})

test('is replayed as it is evaluated', async () => {
  const past = createPastReader(store.reader, { fromMs: from * 1000 - 86_400_000, toMs: nowMs })
  for (const name of ['buying', 'sliced', 'averaged']) {
    const slo = specs.slos.find(each => each.name === name)
    if (slo === undefined) throw new Error(`no ${name}`)
    const [data] = await past.read([{ slo, isStored: true }])
    const now = await reports.status(name)
    const replayed = data && statusAt(slo, data, nowMs)
    expect(replayed?.sli).toBe(now?.sli)
    expect(replayed?.burnRates.map(({ window, rate }) => [window, rate])).toEqual(
      now?.burnRates.map(({ window, rate }) => [window, rate]),
    )
  }
})
