import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createNoopMeter } from '@opentelemetry/api'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import type { NotificationSender } from '../../../compute/alerts/notice.ts'
import { createOutbox, type Outbox } from '../../../compute/jobs/outbox.ts'
import { createVersions } from '../../../compute/jobs/versions.ts'
import { createPagerDutySender } from '../../../compute/notify/pagerduty.ts'
import { silentLogger } from '../../../lib/logger.ts'
import type { Store } from '../../../store/client/store.ts'
import { listNotifications } from '../../../store/tables/notifications.ts'
import { noticeOf } from '../notify/notices.ts'
import { type PagerDutyStub, startPagerDutyStub } from '../notify/pagerduty-stub.ts'
import { openTestStore } from './spans.ts'

const routingKey = 'R0123456789ABCDEF0123456789ABCDE'
const target = { name: 'on-call', kind: 'pagerduty', displayName: 'On call' }
let store: Store
let close: () => Promise<void>
let stub: PagerDutyStub
let folder: string
let nowMs = Date.parse('2026-11-20T10:05:00Z')
const clock = { now: () => nowMs, sleep: async () => {} }
const nextVersion = createVersions({ ...clock, now: () => Date.now() }, 0n)

beforeAll(async () => {
  ;({ store, close } = await openTestStore())
})
afterAll(() => close())
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ninefold-outbox-'))
  writeFileSync(join(folder, 'key'), routingKey)
  stub = await startPagerDutyStub(routingKey)
  await store.compute.execute({ name: 'truncate', sql: 'TRUNCATE TABLE notifications', params: z.object({}) }, {})
})
afterEach(async () => {
  await stub.close()
  rmSync(folder, { recursive: true, force: true })
})

async function outboxOf(change: Partial<NotificationSender> = {}): Promise<Outbox> {
  const sender = createPagerDutySender({
    url: stub.url,
    routingKeyFile: join(folder, 'key'),
    links: { viewerUrl: 'https://ninefold.example.com' },
    allowHosts: [stub.host],
    clock,
    backOff: { firstMs: 1000, longestMs: 300_000, random: () => 0 },
  })
  const senders = [{ ...sender, ...change }]
  const outbox = createOutbox({
    writer: store.compute,
    senders,
    clock,
    nextVersion,
    logger: silentLogger,
    meter: createNoopMeter(),
  })
  await outbox.load()
  return outbox
}

const journal = async () => {
  const rows = await store.reader.query(listNotifications, { slo: '', limit: 100 })
  return rows.map(({ action, state, attempts }) => `${action} ${state} ${attempts}`).sort()
}
const actions = () => stub.events.map(event => event.event_action)

test('what is enqueued is stored before it is sent, and sent once however often it is said', async () => {
  const outbox = await outboxOf()
  await outbox.enqueue({ ...noticeOf(), action: 'trigger' }, target)
  await outbox.enqueue({ ...noticeOf(), action: 'trigger' }, target)
  expect(await journal()).toEqual(['trigger pending 0'])
  await outbox.deliver()
  await outbox.deliver()
  expect(actions()).toEqual(['trigger'])
  expect(await journal()).toEqual(['trigger sent 1'])
})

test('what was not sent before a restart is sent after it, and what was sent is not sent again', async () => {
  const before = await outboxOf()
  await before.enqueue({ ...noticeOf(), action: 'trigger' }, target)
  const after = await outboxOf()
  await after.deliver()
  const later = await outboxOf()
  await later.enqueue({ ...noticeOf(), action: 'trigger' }, target)
  await later.deliver()
  expect(actions()).toEqual(['trigger'])
  await later.enqueueResolve({ ...noticeOf(), action: 'resolve' })
  await (await outboxOf()).deliver()
  expect(actions()).toEqual(['trigger', 'resolve'])
  expect(stub.violations).toEqual([])
})

test('an unreachable receiver is asked again, ever more patiently, until it answers', async () => {
  const outbox = await outboxOf()
  stub.answers.push({ status: 503 }, { status: 429, headers: { 'retry-after': '30' } })
  await outbox.enqueue({ ...noticeOf(), action: 'trigger' }, target)
  await outbox.deliver()
  await outbox.deliver()
  expect(stub.requests).toBe(1)
  nowMs += 500
  await outbox.deliver()
  expect(stub.requests).toBe(2)
  nowMs += 29_999
  await outbox.deliver()
  expect(stub.requests).toBe(2)
  nowMs += 1
  await outbox.deliver()
  expect(actions()).toEqual(['trigger'])
  expect(await journal()).toEqual(['trigger sent 3'])
})

test('an episode that ended before its trigger was ever sent is not told of at all', async () => {
  const outbox = await outboxOf()
  await outbox.enqueue({ ...noticeOf(), action: 'trigger' }, target)
  await outbox.enqueueResolve({ ...noticeOf(), action: 'resolve' })
  await outbox.deliver()
  expect(stub.requests).toBe(0)
  expect(await journal()).toEqual(['trigger superseded 0'])
})

test('a trigger whose answer was lost may have been heard: its resolve is sent, the trigger not again', async () => {
  const outbox = await outboxOf()
  stub.answers.push({ status: 500 })
  await outbox.enqueue({ ...noticeOf(), action: 'trigger' }, target)
  await outbox.deliver()
  await outbox.enqueueResolve({ ...noticeOf(), action: 'resolve' })
  nowMs += 600_000
  await outbox.deliver()
  expect(actions()).toEqual(['resolve'])
  expect(await journal()).toEqual(['resolve sent 1', 'trigger superseded 1'])
})

test('what the receiver refuses is journaled with its answer and not tried again', async () => {
  const outbox = await outboxOf()
  stub.answers.push({ status: 400, body: `bad key ${routingKey}` })
  await outbox.enqueue({ ...noticeOf(), action: 'trigger' }, target)
  await outbox.deliver()
  nowMs += 3_600_000
  await outbox.deliver()
  expect(stub.requests).toBe(1)
  const [row] = await store.reader.query(listNotifications, { slo: 'checkout-availability', limit: 1 })
  expect(row).toMatchObject({ state: 'rejected', lastError: 'NOTIFY_REJECTED: status 400: bad key ***' })
  expect(row?.body).toContain('"routing_key":"***"')
})

test('a target nobody can send to is journaled as rejected', async () => {
  const outbox = await outboxOf()
  await outbox.enqueue({ ...noticeOf(), action: 'trigger' }, { ...target, kind: 'carrier-pigeon' })
  await outbox.deliver()
  expect(await journal()).toEqual(['trigger rejected 0'])
})
