import { afterAll, beforeAll, expect, test } from 'vitest'
import { startMetricsServer } from '../../../api/metrics/metrics-server.ts'
import { createPastReader } from '../../../compute/jobs/replay-data.ts'
import { statusAt } from '../../../compute/jobs/replay-slo.ts'
import type { Reports } from '../../../compute/reports/reports.ts'
import type { SpecSet } from '../../../slo-specs/schema/model.ts'
import { freePorts } from '../../factories/ninefold.ts'
import { type CompositePast, openCompositePast } from './composite-past.ts'

let past: CompositePast
let reports: Reports
let specs: SpecSet
beforeAll(async () => {
  past = await openCompositePast(nowMs)
  ;({ reports, specs } = past)
})
afterAll(() => past.close())

const nowMs = Math.floor(Date.now() / 60_000) * 60_000
const from = nowMs / 1000 - 180 * 60

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
  await expect(reports.attribution('buying')).rejects.toMatchObject({
    code: 'API_BAD_REQUEST',
    message: expect.stringContaining('buying-cart, buying-pay'),
  })
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

test('says of each member how it does and how much of the burn is its', async () => {
  const status = await reports.status('buying')
  const consumed = 3 * (1 - cart) + (1 - pay)
  expect(status?.members).toEqual([
    {
      name: 'buying-cart',
      good: 1620n,
      valid: 1800n,
      sli: cart,
      shareOfConsumed: expect.closeTo((3 * (1 - cart)) / consumed, 12),
      shareOfBurn: 1,
    },
    {
      name: 'buying-pay',
      good: 17_400n,
      valid: 18_000n,
      sli: pay,
      shareOfConsumed: expect.closeTo((1 - pay) / consumed, 12),
      shareOfBurn: 0,
    },
  ])
  expect((await reports.status('buying-cart'))?.members).toEqual([])
})

test('has no events of its own to count, while its members have', async () => {
  const totals = await reports.totals(from * 1000)
  expect(['buying', 'sliced', 'averaged'].filter(name => totals.has(name))).toEqual([])
  expect(totals.get('buying-cart')).toEqual({ good: 1620n, valid: 1800n })
})

test('is a series in every metric but the counters of events', async () => {
  const [port = 0] = await freePorts(1)
  const server = await startMetricsServer('127.0.0.1', port)
  const statuses = await reports.listStatuses()
  const totals = await reports.totals(from * 1000)
  server.observeSlos(() => ({ statuses, firing: [], totals, layers: [], ratios: [] }))
  const lines = (await (await fetch(server.url)).text()).split('\n')
  await server.close()
  const seriesOf = (slo: string) =>
    [...new Set(lines.filter(line => line.includes(`{slo="${slo}",`)).map(line => line.replace(/\{.*/, '')))].sort()
  const gauges = ['slo_alert_firing', 'slo_burn_rate', 'slo_coverage_ratio', 'slo_error_budget_remaining_ratio']
  const ratios = ['slo_objective_ratio', 'slo_sli_ratio']
  expect(seriesOf('buying')).toEqual([...gauges, ...ratios])
  expect(seriesOf('buying-pay')).toEqual(
    [...gauges, ...ratios, 'slo_good_events_total', 'slo_valid_events_total'].sort(),
  )
})

test('is replayed as it is evaluated', async () => {
  const replay = createPastReader(past.store.reader, { fromMs: from * 1000 - 86_400_000, toMs: nowMs })
  for (const name of ['buying', 'sliced', 'averaged']) {
    const slo = specs.slos.find(each => each.name === name)
    if (slo === undefined) throw new Error(`no ${name}`)
    const [data] = await replay.read([{ slo, isStored: true }])
    const now = await reports.status(name)
    const replayed = data && statusAt(slo, data, nowMs)
    expect(replayed?.sli).toBe(now?.sli)
    expect(replayed?.burnRates.map(({ window, rate }) => [window, rate])).toEqual(
      now?.burnRates.map(({ window, rate }) => [window, rate]),
    )
  }
})
