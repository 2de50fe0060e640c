import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { topics } from '../../../../ingest/bus/bus.ts'
import { openKafkaConsumer } from '../../../../ingest/bus/kafka/consumer/kafka-consumer.ts'
import { openKafkaProducer } from '../../../../ingest/bus/kafka/producer/kafka-producer.ts'
import { type CapturedLogger, captureLogger } from '../../../factories/captured-logger.ts'
import { type KafkaCluster, startKafka } from '../../../factories/kafka-broker.ts'
import { kafkaOptions } from '../../../factories/kafka-bus.ts'
import { startSharedSink } from '../../../factories/kafka-sink.ts'
import { brokerWithUsers, type KafkaUsers, kafkaUsers, type Right } from '../../../factories/kafka-users.ts'
import { type ScrapedMetrics, startScrapedMetrics } from '../../../factories/scraped-metrics.ts'
import { openStoreUnderTest, type StoreUnderTest } from '../../../factories/store.ts'
import { tracesOf } from '../../otlp/sample-payloads.ts'

/** A sink whose rights or password are missing, or are taken away while it runs, and given back. */

const topic = topics.traces
const groupId = 'ninefold-sink'
const password = 'correct horse battery staple'
const timeout = { timeout: 120_000, interval: 100 }
const user = 'sink'
const readGroup: Right = { user, operation: 'Read', on: 'group', name: groupId }
const rightsOn = (operation: 'Read' | 'Describe'): Right[] =>
  Object.values(topics).map(name => ({ user, operation, on: 'topic', name }))

let kafka: KafkaCluster
let under: StoreUnderTest
let users: KafkaUsers
let metrics: ScrapedMetrics
let captured: CapturedLogger
let started = 0
const closing: (() => Promise<void>)[] = []

beforeAll(async () => {
  ;[kafka, under] = await Promise.all([startKafka(brokerWithUsers({ [user]: password })), openStoreUnderTest()])
  users = kafkaUsers(kafka)
})
afterAll(async () => {
  await kafka.close()
  await under.close()
})
beforeEach(async () => {
  metrics = await startScrapedMetrics()
  captured = captureLogger('info')
  await users.give(readGroup, ...rightsOn('Read'), ...rightsOn('Describe'))
  return metrics.close
})
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** Acknowledged by the broker, whatever the sink may do. */
async function openWriter(service: string) {
  const { producer, close } = await openKafkaProducer(
    kafkaOptions(kafka.addresses, { createTopics: { partitions: 1, replicationFactor: 1 } }),
  )
  closing.push(close)
  return (at: number) =>
    producer.produce({ topic, value: tracesOf(service, at), receivedAtMs: Date.now(), source: 'test' })
}

async function startSink() {
  const half = await openKafkaConsumer(
    kafkaOptions([kafka.brokers[0]?.extraAddresses.SASL ?? ''], {
      sasl: { mechanism: 'scram-sha-256', username: user, password },
      groupId,
      meter: metrics.meter,
      logger: captured.logger,
      createTopics: null,
    }),
  )
  const sink = startSharedSink(under, half.consumer, `staging-${started++}`, {
    meter: metrics.meter,
    logger: captured.logger,
  })
  closing.push(async () => {
    await sink.stop()
    await half.close()
  })
  return { half, sink }
}

const read =
  (name: string, ...labels: readonly string[]) =>
  () =>
    metrics.read(name, ...labels)
const partitions = read('ninefold_sink_partitions')
const lag = read('ninefold_bus_lag_records', `topic="${topic}"`)

async function stored(service: string): Promise<number[]> {
  const rows = await under.rows(`SELECT SpanId FROM otel_traces WHERE ServiceName = '${service}' ORDER BY SpanId`)
  return rows.map(row => Number.parseInt(String(row.SpanId).slice(8), 16))
}
const told = (part: string) => captured.lines().filter(({ msg }) => String(msg).includes(part))

describe('a sink that runs and falls out of its group', () => {
  it('for want of a right has no partition and no lag, names the right once, and goes on where it was when it is given back', async () => {
    const write = await openWriter('revoked')
    const { half } = await startSink()
    await write(0)
    await expect.poll(() => stored('revoked'), timeout).toEqual([0])
    await expect.poll(partitions, timeout).toBe(4)
    await expect.poll(lag, timeout).toBe(0)
    const joinedBefore = told('in the consumer group again').length
    await users.takeAway(readGroup)
    await expect.poll(partitions, timeout).toBe(0)
    expect(await lag()).toBeNull()
    await write(1)
    const message = `the broker does not allow Read on group ${groupId}`
    await expect(half.ping()).rejects.toMatchObject({ code: 'BUS_ACCESS_DENIED', message })
    expect(told('out of the consumer group')).toMatchObject([
      { level: 50, groupId, code: 'BUS_ACCESS_DENIED', reason: message, remedy: expect.stringContaining('the ACL') },
    ])
    expect(told('the ACL that the message names')).toMatchObject([{ level: 40, reason: message }])
    expect(await stored('revoked')).toEqual([0])
    await users.give(readGroup)
    await expect.poll(() => stored('revoked'), timeout).toEqual([0, 1])
    await expect.poll(partitions, timeout).toBe(4)
    await expect(half.ping()).resolves.toBeUndefined()
    expect(told('in the consumer group again')).toHaveLength(joinedBefore + 1)
  })

  it('because its password was changed does the same, and names the user and never the password', async () => {
    const write = await openWriter('changed')
    const { half } = await startSink()
    await write(0)
    await expect.poll(() => stored('changed'), timeout).toEqual([0])
    await users.changePassword(user, 'another one')
    try {
      // A connection that was let in stays so; the broker's restart ends it.
      await kafka.brokers[0]?.signal('SIGKILL')
      await kafka.brokers[0]?.start()
      await expect.poll(partitions, timeout).toBe(0)
      expect(await lag()).toBeNull()
      await write(1)
      const who = `does not accept ${user} (kafka.sasl.mechanism scram-sha-256)`
      const refusal = { code: 'BUS_ACCESS_DENIED', message: expect.stringContaining(who) }
      await expect.poll(() => half.ping().catch((error: unknown) => error), timeout).toMatchObject(refusal)
      // The broker was away before it refused: the second reason is told as soon as it is one.
      await expect.poll(captured.text, timeout).toContain(who)
      expect(told('out of the consumer group')).toMatchObject([{ level: 50 }])
      expect(captured.text()).not.toContain(password)
      expect(await stored('changed')).toEqual([0])
    } finally {
      // What comes after this test signs in with the first one.
      await users.changePassword(user, password)
    }
    await expect.poll(() => stored('changed'), timeout).toEqual([0, 1])
    await expect.poll(partitions, timeout).toBe(4)
  })
})

describe('a sink that may describe a topic and not read it', () => {
  const [readTopic] = rightsOn('Read')
  const waitingSeconds = read('ninefold_sink_waiting_seconds', `topic="${topic}"`, 'reason="BUS_ACCESS_DENIED"')

  it('waits with the reason and a lag, from the start or later, passes nothing over and goes on when it may', async () => {
    if (readTopic === undefined) throw new Error('no topic')
    const write = await openWriter('unread')
    await users.takeAway(readTopic)
    const { sink } = await startSink()
    await write(0)
    await write(1)
    const waits = [{ topic, partition: 0, reason: 'BUS_ACCESS_DENIED' }]
    await expect.poll(() => sink.waiting(), timeout).toMatchObject(waits)
    await expect.poll(lag, timeout).toBe(2)
    // Asking again and hearing nothing is no progress.
    await expect.poll(waitingSeconds, timeout).toBeGreaterThan(4)
    expect(captured.text()).toContain(`the broker does not allow Read on topic ${topic}`)
    expect(await stored('unread')).toEqual([])
    await users.give(readTopic)
    await expect.poll(() => stored('unread'), timeout).toEqual([0, 1])
    await expect.poll(() => sink.waiting(), timeout).toEqual([])
    await users.takeAway(readTopic)
    await expect.poll(() => sink.waiting(), timeout).toMatchObject(waits)
    await write(2)
    await expect.poll(lag, timeout).toBe(1)
    await users.give(readTopic)
    await expect.poll(() => stored('unread'), timeout).toEqual([0, 1, 2])
    await expect.poll(waitingSeconds, timeout).toBeNull()
    await expect.poll(lag, timeout).toBe(0)
    expect(sink.stats()).toMatchObject({ dropped: 0, deadLetters: 0 })
  })
})

describe('a sink that may not join its group', () => {
  it('starts, has no partition, names the right, and begins when it is given', async () => {
    const write = await openWriter('outside')
    await users.takeAway(readGroup)
    const { half } = await startSink()
    await write(0)
    const refusal = { code: 'BUS_ACCESS_DENIED', message: `the broker does not allow Read on group ${groupId}` }
    await expect.poll(() => half.ping().catch((error: unknown) => error), timeout).toMatchObject(refusal)
    expect(await partitions()).toBe(0)
    await users.give(readGroup)
    await expect.poll(() => stored('outside'), timeout).toEqual([0])
  })
})
