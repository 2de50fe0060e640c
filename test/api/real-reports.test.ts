import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Listening } from '../../api/server.ts'
import { createRollup } from '../../compute/jobs/rollup.ts'
import { planVerdicts } from '../../compute/jobs/verdict-plan.ts'
import { createVersions } from '../../compute/jobs/versions.ts'
import { createReports } from '../../compute/reports/create-reports.ts'
import { timesOnce } from '../../slo-specs/schema/recurrence.ts'
import type { Store } from '../../store/client/store.ts'
import { notFailed, serviceIs, sloOf, specSetOf } from '../compute/jobs/slos.ts'
import { insertSpans, openTestStore } from '../compute/jobs/spans.ts'
import { startApi } from './api-under-test.ts'

/** The API over the real engine and the real reports: what is inserted as spans is read as JSON. */

const minuteMs = 60_000
const nowMs = Math.floor(Date.now() / minuteMs) * minuteMs
const clock = { now: () => nowMs, sleep: async () => {} }
const times = timesOnce({ fromMs: nowMs - 5 * minuteMs, toMs: nowMs })
const move = { name: 'move', description: '', reason: 'Announced.', approver: 'head of operations', times }
const specs = specSetOf([
  sloOf('checkout', { total: serviceIs('checkout'), good: notFailed }),
  sloOf('corrected', { total: serviceIs('checkout'), good: notFailed }, { corrections: [move] }),
  sloOf('idle', { total: serviceIs('nobody'), good: notFailed }),
])

let api: Listening
let store: Store
let close: () => Promise<void>

beforeAll(async () => {
  ;({ store, close } = await openTestStore())
  // Ten a minute over half an hour; of the last ten minutes, three a minute fail, all of them in eu.
  const spans = Array.from({ length: 300 }, (_, index) => {
    const minutesAgo = 30 - Math.floor(index / 10)
    const isBad = minutesAgo <= 10 && index % 10 < 3
    return {
      atMs: nowMs - minutesAgo * minuteMs + (index % 10) * 1000,
      name: 'POST /orders',
      kind: 'Server',
      status: isBad ? 'Error' : 'Ok',
      durationNs: 1_000_000n,
      resource: {
        'service.name': 'checkout',
        'service.version': '7',
        'cloud.region': isBad || index % 2 === 0 ? 'eu' : 'us',
      },
      attributes: {},
    }
  })
  await insertSpans(store.writer, spans, 'spans')
  const nextVersion = createVersions(clock, 0n)
  const rollup = createRollup({
    writer: store.compute,
    clock,
    nextVersion,
    rowsATick: 100_000,
    rawRetentionSeconds: 86_400,
  })
  await rollup.tick(planVerdicts(specs))
  api = await startApi({ reports: createReports({ reader: store.reader, specs: () => specs, clock }), clock })
})
afterAll(async () => {
  await api.close()
  await close()
})

async function read<T>(path: string): Promise<T> {
  const response = await fetch(new URL(`/api/v1/${path}`, api.url))
  const text = await response.text()
  expect(response.status, text).toBe(200)
  return JSON.parse(text)
}

const iso = (ms: number) => new Date(ms).toISOString()
const range = `from=${nowMs - 40 * minuteMs}&to=${nowMs}`

it('shows the counts, the SLI and the budget of what was sent', async () => {
  const slo = await read<Record<string, unknown>>('slos/checkout')
  expect(slo).toMatchObject({ name: 'checkout', good: 270, valid: 300, bad: 30, sli: 0.9 })
  const idle = await read<Record<string, unknown>>('slos/idle')
  expect(idle).toMatchObject({ good: 0, valid: 0, sli: null, status: 'no-data' })
})

it('shows a history whose points sum to the whole', async () => {
  type Point = { good: number; valid: number; at: string }
  const { points } = await read<{ points: Point[] }>(`slos/checkout/history?${range}&step=5m`)
  const sum = (of: (point: Point) => number) => points.reduce((total, point) => total + of(point), 0)
  expect([sum(point => point.good), sum(point => point.valid)]).toEqual([270, 300])
})

it('tells what corrections leave out of the window and of any range, why and on whose word', async () => {
  const told = {
    ...{ name: 'move', description: '', reason: 'Announced.', approver: 'head of operations', occurrences: 1 },
    leavesOut: `${iso(nowMs - 5 * minuteMs)} to ${iso(nowMs)}`,
  }
  const slo = await read<Record<string, unknown>>('slos/corrected')
  expect(slo).toMatchObject({ good: 235, valid: 250, bad: 15, sli: 0.94 })
  expect(slo.corrections).toEqual([{ ...told, spans: [{ from: iso(nowMs - 5 * minuteMs), to: iso(nowMs) }] }])
  expect(await read('slos/checkout')).toMatchObject({ corrections: [] })
  const between = (from: number, to: number) =>
    read<{ corrections: unknown[] }>(
      `slos/corrected/history?from=${nowMs - from * minuteMs}&to=${nowMs - to * minuteMs}&step=1m`,
    )
  expect((await between(20, 3)).corrections).toEqual([
    { ...told, spans: [{ from: iso(nowMs - 5 * minuteMs), to: iso(nowMs - 3 * minuteMs) }] },
  ])
  expect((await between(20, 5)).corrections).toEqual([])
})

it('says what the budget policy has reached', async () => {
  const freeze = { policy: 'default', remaining: 0, action: 'freeze', message: 'The error budget is spent.' }
  expect(await read('slos/checkout')).toMatchObject({ budgetPolicy: { action: 'freeze', reached: [freeze] } })
  expect(await read('slos/idle')).toMatchObject({ budgetPolicy: { action: 'unknown', reached: [] } })
})

it('shows where it burns, the shares of a layer summing to one', async () => {
  type Row = { value: string; good: number; valid: number; shareOfBad: number }
  const { rows } = await read<{ rows: Row[] }>(`slos/checkout/layers?${range}&by=region`)
  expect(rows[0]).toMatchObject({ value: 'eu', shareOfBad: 1 })
  expect(rows.reduce((sum, row) => sum + row.valid, 0)).toBe(300)
  const { series } = await read<{ series: { value: string }[] }>(
    `slos/checkout/layers/history?${range}&by=region&step=5m`,
  )
  expect(series.map(({ value }) => value).sort()).toEqual(['eu', 'us'])
})

it('tells who eats the budget, in integers that sum to the whole', async () => {
  type Part = { value: string; good: number; valid: number; bad: number; burnRate: number }
  type Read = {
    bad: number
    burnRate: number
    layers: { layer: string; values: Part[] }[]
    versions: { values: Part[] }
  }
  const told = await read<Read>('slos/checkout/attribution?window=1h')
  expect(told).toMatchObject({ window: '1h', good: 270, valid: 300, bad: 30, where: { layer: 'region', value: 'eu' } })
  expect(told.layers[0]).toMatchObject({
    layer: 'region',
    others: null,
    values: [
      { value: 'eu', bad: 30, shareOfBad: 1 },
      { value: 'us', bad: 0 },
    ],
  })
  for (const { values } of [...told.layers, told.versions]) {
    expect(values.reduce((sum, { bad }) => sum + bad, 0)).toBe(told.bad)
    expect(values.reduce((sum, { burnRate }) => sum + burnRate, 0)).toBeCloseTo(told.burnRate, 9)
  }
  expect(await read('slos/checkout/attribution?window=1h&versions=false')).toEqual({ ...told, versions: null })
  const { window } = await read<{ window: string }>('slos/checkout/attribution')
  expect(window).toBe((await read<{ window: { text: string } }>('slos/checkout')).window.text)
})

it('answers every other read of an SLO over the real store', async () => {
  expect(await read('slos/checkout/alerts')).toEqual({ alerts: [] })
  expect(await read('alerts')).toEqual({ alerts: [] })
  expect(await read('notifications')).toEqual({ notifications: [] })
  expect(await read(`deployments?service=checkout&${range}`)).toHaveProperty('deployments')
})
