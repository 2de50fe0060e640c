import { join } from 'node:path'
import { createNoopMeter } from '@opentelemetry/api'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { backtestSpecs } from '../../../compute/jobs/backtest-specs.ts'
import { createEvaluator } from '../../../compute/jobs/evaluator.ts'
import { createReports } from '../../../compute/reports/create-reports.ts'
import { createRatioReports } from '../../../compute/reports/ratio-reports.ts'
import { stageRecords } from '../../../ingest/bus/stage-records.ts'
import { createEventPreparation } from '../../../ingest/events/prepare-events.ts'
import { systemClock } from '../../../lib/clock.ts'
import { silentLogger } from '../../../lib/logger.ts'
import { payloadInserts } from '../../../store/tables/payload-inserts.ts'
import { defaultLayerSources, openStoreUnderTest, type StoreUnderTest } from '../../factories/store.ts'
import { parseGood } from '../../slo-specs/parse.ts'
import { ratioText } from './ratio-specs.ts'

const minuteMs = 60_000
const startMs = Math.floor(Date.now() / 86_400_000) * 86_400_000 - 86_400_000
let nowMs = startMs + 30 * minuteMs
const clock = { now: () => nowMs, sleep: systemClock.sleep }

const source = (filter: string) =>
  `{metricSource: {type: telemetry, spec: {signal: events, filter: ${JSON.stringify(filter)}}}}`
const slo = (name: string, good: string, total: string) => `apiVersion: openslo/v1
kind: SLO
metadata: {name: ${name}}
spec:
  service: shop
  indicator: {metadata: {name: ${name}}, spec: {ratioMetric: {good: ${source(good)}, total: ${source(total)}}}}
  timeWindow: [{duration: 2h, isRolling: true}]
  budgetingMethod: Occurrences
  objectives: [{target: 0.9}]
`
const service = 'apiVersion: openslo/v1\nkind: Service\nmetadata: {name: shop}\nspec: {description: Sells}\n'
const ofType = (type: string) => slo(type.replace('.', '-'), 'data.ok == true', `type == "${type}"`)
const specs = parseGood(
  service,
  slo('orders', 'type == "order.placed"', 'source == "/shop" && type.startsWith("order.")'),
  slo('large', 'data.amount >= 10.5 && subject != "c-3"', 'has(data.amount) && synthetic == false'),
  // Of one shape: they share a scan.
  ...['order.placed', 'order.refused', 'order.shipped'].map(ofType),
  ratioText(
    'value',
    { signal: 'events', filter: 'type == "order.placed"', aggregate: 'sum(data.amount)' },
    { signal: 'events', filter: 'type == "order.placed"', aggregate: 'uniq(data.customer.id)' },
  ),
)

let under: StoreUnderTest
let evaluator: ReturnType<typeof createEvaluator>
beforeAll(async () => {
  under = await openStoreUnderTest()
  const told = { senders: [], clock, logger: silentLogger, meter: createNoopMeter() }
  evaluator = createEvaluator({ store: under.store, specs: () => specs, ...told })
})
afterAll(() => under.close())

let messages = 0
/** One message of the topic, as the sink stores it. */
async function deliver(receivedMs: number, events: readonly Record<string, unknown>[]): Promise<void> {
  const value = Buffer.from(JSON.stringify(events.map(event => ({ specversion: '1.0', source: '/shop', ...event }))))
  const offset = BigInt(messages++)
  const file = join(under.folder, `events-${offset}.bin`)
  const record = { offset, receivedAtMs: receivedMs, source: 'test', value, corrupt: false }
  await stageRecords([record], file, { prepare: createEventPreparation() })
  for (const insert of payloadInserts(defaultLayerSources).events)
    await under.store.payloads.insertPayloads(insert, file, `events/${offset}`)
}

async function settled() {
  for (;;) {
    const { pendingMinutes, historyLeft } = await evaluator.tick()
    if (pendingMinutes === 0 && historyLeft === 0) break
  }
  const seen = { reader: under.store.reader, specs: () => specs, clock }
  const reports = createReports(seen)
  const counts = await Promise.all(
    specs.slos.map(async ({ name }) => {
      const status = await reports.status(name)
      return [name, status?.good, status?.valid]
    }),
  )
  const range = { fromMs: startMs, toMs: startMs + 60 * minuteMs }
  const regions = await reports.layers('orders', 'region', range)
  const [value] = await createRatioReports(seen).history('value', { ...range, stepSeconds: 3600 })
  return {
    counts,
    regions: regions.map(({ value: region, good, valid }) => [region, good, valid]).sort(),
    value: [value?.numerator, value?.denominator],
  }
}

const iso = (minute: number) => new Date(startMs + minute * minuteMs + 500).toISOString()
const placed = (id: string, minute: number, amount: number, customer: string, region: string) => ({
  ...{ id, type: 'order.placed', time: iso(minute), subject: customer },
  data: { amount, ok: true, customer: { id: customer }, cloud: { region } },
})
const events = [
  placed('1', 0, 10.1, 'c-1', 'eu'),
  placed('2', 0, 20.2, 'c-2', 'eu'),
  placed('3', 1, 30, 'c-3', 'us'),
  placed('4', 2, 0.3, 'c-1', 'us'),
  { id: '5', type: 'order.refused', time: iso(2), data: { ok: false } },
  { id: '6', type: 'order.shipped', time: iso(3), data: { ok: true, amount: 99 }, synthetic: true },
  // As if it came at minute 4.
  { id: '7', type: 'order.refused', data: { ok: true } },
  { id: '1', source: '/elsewhere', type: 'order.placed', time: iso(4), data: { amount: 1, customer: { id: 'c-1' } } },
]
const expected = {
  counts: [
    ['large', 1n, 5n],
    ['order-placed', 4n, 5n],
    ['order-refused', 1n, 2n],
    ['order-shipped', 1n, 1n],
    ['orders', 4n, 7n],
  ],
  regions: [
    ['', 0n, 3n],
    ['eu', 2n, 2n],
    ['us', 2n, 2n],
  ],
  value: [61.6, 3n],
}

it('SLOs and ratios count CloudEvents by attributes and data, by layer', async () => {
  await deliver(startMs + 4 * minuteMs, events)
  const { counts, ...rest } = await settled()
  expect({ counts: counts.sort(), ...rest }).toEqual(expected)
})

it('an event that comes again in other requests, with another time or none, counts once and where it came first', async () => {
  nowMs += minuteMs
  await deliver(startMs + 20 * minuteMs, events)
  await deliver(startMs + 21 * minuteMs, [
    { ...events[0], time: iso(10) },
    { ...events[1], time: null },
    ...events.slice(2, 3),
  ])
  const { counts, ...rest } = await settled()
  expect({ counts: counts.sort(), ...rest }).toEqual(expected)
  expect(await under.rows('SELECT count() AS n FROM events')).toEqual([{ n: '19' }])
})

it('a backtest says of the raw events what the roll-ups say', async () => {
  const backtest = await backtestSpecs({ reader: under.store.reader, clock }, specs, { fromMs: startMs })
  const counts = backtest.slos.map(({ name, today }) => [name, today.good, today.valid])
  expect(counts.sort()).toEqual(expected.counts)
})
