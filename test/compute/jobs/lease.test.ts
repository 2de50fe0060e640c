import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createNoopMeter } from '@opentelemetry/api'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import type { NotificationSender } from '../../../compute/alerts/notice.ts'
import { createEvaluator, type Evaluator } from '../../../compute/jobs/evaluator.ts'
import type { HeldShards } from '../../../compute/jobs/shard-lease.ts'
import { createPagerDutySender } from '../../../compute/notify/pagerduty.ts'
import { systemClock } from '../../../lib/clock.ts'
import { silentLogger } from '../../../lib/logger.ts'
import type { AlertRule, SpecSet } from '../../../slo-specs/schema/model.ts'
import type { Store } from '../../../store/client/store.ts'
import { shardOf } from '../../../store/queries/shards.ts'
import { alertsTable, listEpisodes } from '../../../store/tables/alerts.ts'
import { listNotifications } from '../../../store/tables/notifications.ts'
import { type PagerDutyStub, startPagerDutyStub } from '../notify/pagerduty-stub.ts'
import type { TestSpan } from './evaluate-filter.ts'
import { forgetRollups } from './rollup-oracle.ts'
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
})
afterAll(() => close())
beforeEach(async () => {
  stub = await startPagerDutyStub(routingKey)
  folder = mkdtempSync(join(tmpdir(), 'ninefold-lease-'))
  writeFileSync(join(folder, 'key'), routingKey)
  await forgetRollups(store)
  for (const table of ['alerts', 'notifications'])
    await store.compute.execute({ name: 'truncate', sql: `TRUNCATE TABLE ${table}`, params: z.object({}) }, {})
})
afterEach(async () => {
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
const indicator = { total: serviceIs('checkout'), good: notFailed }
const names = ['checkout', 'cart', 'payments', 'search', 'login', 'mail']
const specs: SpecSet = {
  slos: names.map(name => sloOf(name, indicator, { alerts: [page] })),
  ratios: [],
  services: [],
  targets: [{ name: 'on-call', kind: 'pagerduty', displayName: 'On call' }],
  revision: '1',
}
const only = (name: string): SpecSet => ({ ...specs, slos: specs.slos.filter(slo => slo.name === name) })

/** What the group's coordinator would say; to be changed by the test. */
interface Lease {
  held: HeldShards
}
let term = 0
const leaseOf = (count: number, ...held: number[]): Lease => ({ held: { count, held, term: ++term } })

function computeOf(
  lease: Lease,
  options: { readonly specs?: SpecSet; readonly store?: Store; readonly sender?: Partial<NotificationSender> } = {},
): Evaluator {
  const sender = createPagerDutySender({
    url: stub.url,
    routingKeyFile: join(folder, 'key'),
    links: { viewerUrl: 'https://ninefold.example.com' },
    allowHosts: [stub.host],
    clock,
  })
  return createEvaluator({
    store: options.store ?? store,
    specs: () => options.specs ?? specs,
    senders: [{ ...sender, ...options.sender }],
    lease: { current: () => lease.held },
    clock,
    logger: silentLogger,
    meter: createNoopMeter(),
  })
}

async function traffic(minuteMs: number, isBad: boolean) {
  const spans = Array.from(
    { length: 20 },
    (_, index): TestSpan => ({
      atMs: minuteMs + index * 1000,
      name: 'POST /pay',
      kind: 'Server',
      status: isBad ? 'Error' : 'Unset',
      durationNs: 1n,
      resource: { 'service.name': 'checkout' },
      attributes: {},
    }),
  )
  await insertSpans(store.writer, spans, `lease-${inserted++}`)
}

const minute = async (isBad: boolean, ...computes: Evaluator[]) => {
  await traffic(nowMs, isBad)
  nowMs += 60_000
  for (const compute of computes) await compute.tick()
}
const told = () => stub.events.map(({ event_action, dedup_key }) => `${event_action} ${dedup_key.split('/')[0]}`).sort()
const episodes = () =>
  store.reader.query(listEpisodes, { slo: '', severity: '', state: '', fromMs: 0, toMs: nowMs + 1, limit: 100 })

/** Something that stands still when it comes to a certain place, until it is let go. */
function gate() {
  let arrive = () => {}
  let open = () => {}
  const arrived = new Promise<void>(resolve => {
    arrive = resolve
  })
  const opened = new Promise<void>(resolve => {
    open = resolve
  })
  return {
    arrived,
    open: () => open(),
    pass: async () => {
      arrive()
      await opened
    },
  }
}

test('every SLO pages once and resolves once while its shard goes from one compute to another and back', async () => {
  expect(new Set(names.map(name => shardOf(name, 3))).size).toBe(3)
  const [first, second] = [leaseOf(3, 0, 1, 2), leaseOf(3)]
  const [a, b] = [computeOf(first), computeOf(second)]
  await minute(false, a, b)
  await minute(true, a, b)
  await a.stop()
  expect(told()).toEqual(names.map(name => `trigger ${name}`).sort())
  // Half way through two shards go over; later all do, and at the end there are four instead of three.
  first.held = { count: 3, held: [1], term: ++term }
  second.held = { count: 3, held: [0, 2], term: ++term }
  await minute(true, a, b)
  first.held = { count: 3, held: [], term: ++term }
  second.held = { count: 3, held: [0, 1, 2], term: ++term }
  await minute(true, a, b)
  first.held = { count: 4, held: [1, 3], term: ++term }
  second.held = { count: 4, held: [0, 2], term: ++term }
  // The hour has to be quiet again; a day later it is.
  nowMs += 86_400_000
  for (let count = 0; count < 6; count++) await minute(false, a, b)
  await Promise.all([a.stop(), b.stop()])
  expect(told()).toEqual(names.flatMap(name => [`resolve ${name}`, `trigger ${name}`]).sort())
  expect(new Set(stub.events.map(({ dedup_key }) => dedup_key)).size).toBe(names.length)
  expect((await episodes()).map(({ state }) => state)).toEqual(names.map(() => 'resolved'))
})

test('a compute that stands still between the lease and the sending says the very same page late', async () => {
  const sending = gate()
  const lease = leaseOf(1, 0)
  const sender = createPagerDutySender({
    url: stub.url,
    routingKeyFile: join(folder, 'key'),
    links: { viewerUrl: '' },
    allowHosts: [stub.host],
    clock,
  })
  const zombie = computeOf(lease, {
    specs: only('checkout'),
    sender: {
      send: async (body, attempt, target) => {
        await sending.pass()
        return sender.send(body, attempt, target)
      },
    },
  })
  await minute(false, zombie)
  await minute(true, zombie)
  await sending.arrived
  expect(stub.events).toEqual([])
  lease.held = { count: 1, held: [], term: ++term }
  const next = computeOf(leaseOf(1, 0), { specs: only('checkout') })
  await minute(true, next)
  await next.stop()
  expect(told()).toEqual(['trigger checkout'])
  sending.open()
  await zombie.stop()
  expect(told()).toEqual(['trigger checkout', 'trigger checkout'])
  expect(new Set(stub.events.map(({ dedup_key }) => dedup_key)).size).toBe(1)
  // What the zombie noted of its sending is older than what the other one has written.
  const [row, ...others] = await store.reader.query(listNotifications, { slo: '', limit: 10 })
  expect(others).toEqual([])
  expect(row).toMatchObject({ state: 'sent', attempts: 2 })
})

test('a compute that stands still before its episode is stored says nothing, and its episode is closed', async () => {
  const storing = gate()
  const lease = leaseOf(1, 0)
  const slow: Store = {
    ...store,
    compute: {
      ...store.compute,
      insert: async (table, rows, options) => {
        if (table.name === alertsTable.name && rows.length > 0) await storing.pass()
        await store.compute.insert(table, rows, options)
      },
    },
  }
  const zombie = computeOf(lease, { specs: only('checkout'), store: slow })
  await minute(false, zombie)
  await traffic(nowMs, true)
  nowMs += 60_000
  const standing = zombie.tick()
  await storing.arrived
  lease.held = { count: 1, held: [], term: ++term }
  // The next one decides for itself, minutes later: another key.
  nowMs += 120_000
  const next = computeOf(leaseOf(1, 0), { specs: only('checkout') })
  await minute(true, next)
  storing.open()
  await standing
  await zombie.stop()
  await next.stop()
  expect(told()).toEqual(['trigger checkout'])
  expect((await episodes()).map(({ state }) => state)).toEqual(['firing', 'firing'])
  const third = computeOf(leaseOf(1, 0), { specs: only('checkout') })
  await minute(true, third)
  await third.stop()
  expect(told()).toEqual(['trigger checkout'])
  expect((await episodes()).map(({ state }) => state)).toEqual(['firing', 'resolved'])
})
