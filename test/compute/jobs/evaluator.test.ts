import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createNoopMeter } from '@opentelemetry/api'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createEvaluator, type Evaluator } from '../../../compute/jobs/evaluator.ts'
import { pauseAfter } from '../../../compute/jobs/pacer.ts'
import { createPagerDutySender } from '../../../compute/notify/pagerduty.ts'
import { systemClock } from '../../../lib/clock.ts'
import { silentLogger } from '../../../lib/logger.ts'
import type { AlertRule, SpecSet } from '../../../slo-specs/schema/model.ts'
import type { Store } from '../../../store/client/store.ts'
import { listEpisodes } from '../../../store/tables/alerts.ts'
import { listNotifications } from '../../../store/tables/notifications.ts'
import { type PagerDutyStub, startPagerDutyStub } from '../notify/pagerduty-stub.ts'
import type { TestSpan } from './evaluate-filter.ts'
import { notFailed, serviceIs, sloOf } from './slos.ts'
import { insertSpans, openTestStore } from './spans.ts'

const routingKey = 'R0123456789ABCDEF0123456789ABCDE'
let store: Store
let close: () => Promise<void>
let stub: PagerDutyStub
let folder: string
let nowMs = Math.floor(Date.now() / 86_400_000) * 86_400_000 + 10 * 3_600_000
const clock = { now: () => nowMs, sleep: systemClock.sleep }
let inserted = 0

beforeAll(async () => {
  ;({ store, close } = await openTestStore())
  stub = await startPagerDutyStub(routingKey)
  folder = mkdtempSync(join(tmpdir(), 'ninefold-evaluator-'))
  writeFileSync(join(folder, 'key'), routingKey)
})
afterAll(async () => {
  await close()
  await stub.close()
  rmSync(folder, { recursive: true, force: true })
})

const page: AlertRule = {
  severity: 'page',
  conditions: [
    { name: 'page-1h', op: 'gte', threshold: 14.4, longWindowSeconds: 3600, shortWindowSeconds: 300, minCoverage: 0 },
  ],
  alertAfterSeconds: 0,
  keepFiringForSeconds: 120,
  targets: ['on-call'],
}
const target = { name: 'on-call', kind: 'pagerduty', displayName: 'On call' }
const checkout = sloOf(
  'checkout',
  { total: serviceIs('checkout'), good: notFailed },
  { alerts: [page], displayName: 'Checkout' },
)
const specs: SpecSet = { slos: [checkout], ratios: [], services: [], targets: [target], revision: '1' }

function evaluatorOf(set: () => SpecSet = () => specs): Evaluator {
  const sender = createPagerDutySender({
    url: stub.url,
    routingKeyFile: join(folder, 'key'),
    links: { viewerUrl: 'https://ninefold.example.com' },
    allowHosts: [stub.host],
    clock,
  })
  return createEvaluator({
    store,
    specs: set,
    senders: [sender],
    clock,
    logger: silentLogger,
    meter: createNoopMeter(),
  })
}

/** A minute of traffic of two zones; the second fails at the given rate. */
async function traffic(minuteMs: number, failuresOfTen: number, version: string) {
  const spans = Array.from({ length: 20 }, (_, index): TestSpan => {
    const zone = index % 2
    return {
      atMs: minuteMs + index * 1000,
      name: 'POST /pay',
      kind: 'Server',
      status: zone === 1 && Math.floor(index / 2) < failuresOfTen ? 'Error' : 'Unset',
      durationNs: 1n,
      resource: {
        'service.name': 'checkout',
        'service.version': version,
        'cloud.region': 'eu',
        'cloud.availability_zone': `eu-${zone}`,
      },
      attributes: {},
    }
  })
  await insertSpans(store.writer, spans, `traffic-${inserted++}`)
}

const minutes = async (count: number, failures: number, version: string, evaluator: Evaluator) => {
  for (let minute = 0; minute < count; minute++) {
    await traffic(nowMs, failures, version)
    nowMs += 60_000
    await evaluator.tick()
  }
}
const actions = () => stub.events.map(event => event.event_action)

test('a bad deployment in one zone pages once across restarts, says where and since which version, and resolves', async () => {
  const first = evaluatorOf()
  for (let ago = 90; ago > 0; ago--) await traffic(nowMs - ago * 60_000, 0, '1.0.0')
  await first.tick()
  await minutes(3, 0, '1.0.0', first)
  expect(actions()).toEqual([])
  await minutes(21, 10, '1.1.0', first)
  await first.stop()
  expect(actions()).toEqual(['trigger'])
  const second = evaluatorOf()
  await minutes(2, 10, '1.1.0', second)
  await second.stop()
  const third = evaluatorOf()
  await minutes(10, 0, '1.0.0', third)
  await third.stop()
  expect(actions()).toEqual(['trigger', 'resolve'])
  expect(stub.violations).toEqual([])
  const [event, resolve] = stub.events
  if (event?.event_action !== 'trigger') throw new Error('not a trigger')
  expect(resolve?.dedup_key).toBe(event.dedup_key)
  expect(event.payload.summary).toBe(
    'Checkout (checkout) burns its error budget 15 times too fast over 1 h, 180 of 1200 events bad, ' +
      '100 % of them in availability_zone eu-1, since version 1.1.0, the 7d budget overspent by 710.9 %',
  )
  expect(event.payload.component).toBe('availability_zone=eu-1')
  const filter = { slo: '', severity: '', state: '', fromMs: 0, toMs: nowMs, limit: 10 } as const
  const [episode, ...others] = await store.reader.query(listEpisodes, filter)
  expect(others).toEqual([])
  expect(episode).toMatchObject({ state: 'resolved', severity: 'page', suspectVersion: '1.1.0' })
  expect(episode?.burningLayers[0]).toMatchObject({ layer: 'availability_zone', value: 'eu-1', shareOfBad: 1 })
})

test('a crash between storing an episode and telling of it is made good at the next start', async () => {
  const before = stub.events.length
  const first = evaluatorOf()
  await minutes(25, 10, '1.2.0', first)
  await first.stop()
  expect(actions().slice(before)).toEqual(['trigger'])
  // As if the process had died before the outbox was written.
  const sent = await store.reader.query(listNotifications, { slo: '', limit: 1 })
  await store.compute.execute(
    {
      name: 'forget',
      sql: `ALTER TABLE notifications DELETE WHERE Id = '${sent[0]?.id}' SETTINGS mutations_sync = 1`,
      params: listNotifications.params.pick({}),
    },
    {},
  )
  const second = evaluatorOf()
  await second.tick()
  await second.stop()
  expect(actions().slice(before)).toEqual(['trigger', 'trigger'])
  expect(stub.events[before + 1]?.dedup_key).toBe(stub.events[before]?.dedup_key)
})

test('an SLO that is removed while it fires is resolved', async () => {
  const before = stub.events.length
  const evaluator = evaluatorOf(() => ({
    ...specs,
    slos: [sloOf('other', { total: serviceIs('cart'), good: notFailed })],
    revision: '2',
  }))
  await evaluator.tick()
  await evaluator.stop()
  expect(actions().slice(before)).toEqual(['resolve'])
})

test('the loop ticks, reports what it did and ends when told to', async () => {
  const evaluator = evaluatorOf()
  evaluator.start()
  while (evaluator.stats().ticks === 0) await systemClock.sleep(20)
  await evaluator.stop()
  const { ticks, failedTicks, lastTick } = evaluator.stats()
  expect(failedTicks).toBe(0)
  expect(lastTick?.evaluated).toBe(1)
  await systemClock.sleep(50)
  expect(evaluator.stats().ticks).toBe(ticks)
})

test('the pause grows so that ticks take at most a fifth of the processors, and waiting for others is no work', () => {
  const longest = (wallMs: number, cpuMs: number, processors: number, share: number) =>
    pauseAfter({ wallMs, cpuMs }, true, processors, share).longestMs
  expect(longest(0, 0, 2, 0.2)).toBe(1000)
  expect(longest(250, 250, 2, 0.2)).toBe(1000)
  expect(longest(3000, 5000, 2, 0.2)).toBe(4500)
  expect(longest(3000, 5000, 1, 0.2)).toBe(12_000)
  expect(longest(8000, 2000, 2, 0.2)).toBe(1000)
  expect(longest(3000, 5000, 2, 0.1)).toBe(12_000)
})

test('arrivals bring the next tick forward, to a second after the last began that had work, but not beyond the share', () => {
  const least = (wallMs: number, hadWork: boolean) => pauseAfter({ wallMs, cpuMs: wallMs }, hadWork, 2, 0.2).leastMs
  expect(least(200, true)).toBe(800)
  expect(least(0, false)).toBe(0)
  expect(least(200, false)).toBe(300)
  expect(least(3000, true)).toBe(4500)
})
