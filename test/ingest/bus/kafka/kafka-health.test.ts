import { Kafka, logLevel, Partitioners } from 'kafkajs'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type PartitionLease, topics } from '../../../../ingest/bus/bus.ts'
import { openKafkaConsumer } from '../../../../ingest/bus/kafka/consumer/kafka-consumer.ts'
import { openKafkaProducer } from '../../../../ingest/bus/kafka/producer/kafka-producer.ts'
import type { ProtocolStep } from '../../../../ingest/sink/steps.ts'
import { type KafkaCluster, startKafka } from '../../../factories/kafka-broker.ts'
import { kafkaOptions } from '../../../factories/kafka-bus.ts'
import { startSharedSink } from '../../../factories/kafka-sink.ts'
import { type ScrapedMetrics, startScrapedMetrics } from '../../../factories/scraped-metrics.ts'
import { openStoreUnderTest, type StoreUnderTest } from '../../../factories/store.ts'
import { tracesOf } from '../../otlp/sample-payloads.ts'

/** Every metric that docs/guides/kafka.md names, with its value, from a real broker through the real exposition. */

const groups = 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand'
const topic = 'otlp_spans'
const ofTopic = `topic="${topic}"`
const timeout = { timeout: 120_000, interval: 50 }

let kafka: KafkaCluster
let under: StoreUnderTest
let metrics: ScrapedMetrics
let foreign: Kafka

beforeAll(async () => {
  ;[kafka, under] = await Promise.all([startKafka(), openStoreUnderTest()])
  foreign = new Kafka({ brokers: [...kafka.addresses], logLevel: logLevel.NOTHING, clientId: 'somebody-else' })
  await admin(client =>
    client.createTopics({
      topics: Object.values(topics).map(name => ({ topic: name, numPartitions: 1, replicationFactor: 1 })),
    }),
  )
})
afterAll(async () => {
  await kafka.close()
  await under.close()
})
beforeEach(async () => {
  metrics = await startScrapedMetrics()
  return metrics.close
})

async function admin<T>(work: (client: ReturnType<Kafka['admin']>) => Promise<T>): Promise<T> {
  const client = foreign.admin()
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.disconnect()
  }
}

async function write(values: readonly Buffer[]): Promise<void> {
  const producer = foreign.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  await producer.connect()
  await producer.send({ topic, messages: values.map(value => ({ value, partition: 0 })) })
  await producer.disconnect()
}

const read =
  (name: string, ...labels: readonly string[]) =>
  () =>
    metrics.read(name, ...labels)

const run = (sql: string) => under.store.writer.execute({ name: 'test', sql, params: under.noParams }, {})
let started = 0

async function startSink(groupId: string, onStep: (step: ProtocolStep) => Promise<void> | void = () => undefined) {
  const half = await openKafkaConsumer(
    kafkaOptions(kafka.addresses, { groupId, meter: metrics.meter, createTopics: null }),
  )
  const sink = startSharedSink(under, half.consumer, `staging-${started++}`, { meter: metrics.meter, onStep })
  const stop = async () => {
    await sink.stop()
    await half.close()
  }
  return { half, sink, stop }
}

describe('the numbers of a producer', () => {
  it('are the bytes that wait, the retries, and the time of each answer', async () => {
    const { producer, close } = await openKafkaProducer(
      kafkaOptions(kafka.addresses, { meter: metrics.meter, deliveryTimeoutMs: 600_000 }),
    )
    const produce = (value: Uint8Array) => producer.produce({ topic, value, receivedAtMs: Date.now(), source: 'test' })
    for (let at = 0; at < 4; at++) await produce(tracesOf('measured', at))
    expect(await metrics.read('ninefold_bus_produce_seconds_count', ofTopic)).toBe(4)
    expect(await metrics.read('ninefold_bus_in_flight_bytes')).toBe(0)
    const retries = read('ninefold_bus_produce_retries_total', ofTopic)
    // Its topics are new: a leader may have had to be waited for.
    const before = (await retries()) ?? 0
    const [broker] = kafka.brokers
    await broker?.signal('SIGKILL')
    const value = tracesOf('measured', 4)
    const waiting = produce(value)
    try {
      await expect.poll(retries, timeout).toBeGreaterThan(before)
      expect(await metrics.read('ninefold_bus_in_flight_bytes')).toBe(value.length)
    } finally {
      await broker?.start()
    }
    await waiting
    expect(await metrics.read('ninefold_bus_in_flight_bytes')).toBe(0)
    expect(await metrics.read('ninefold_bus_produce_seconds_count', ofTopic)).toBe(5)
    await close()
  })
})

describe('the numbers of a consumer', () => {
  it('are lag, bytes read ahead, commits and rebalances; a partition that went elsewhere is not behind', async () => {
    const values = [0, 1, 2].map(at => tracesOf('ahead', at))
    await write(values)
    const open = () => openKafkaConsumer(kafkaOptions(kafka.addresses, { groupId: 'counted', meter: metrics.meter }))
    const half = await open()
    const stopping = new AbortController()
    let lease: PartitionLease | undefined
    const running = half.consumer.run(async found => {
      if (found.topic === topic) lease = found
      await new Promise<void>(resolve => found.signal.addEventListener('abort', () => resolve(), { once: true }))
    }, stopping.signal)
    const lag = read('ninefold_bus_lag_records', ofTopic, 'partition="0"')
    await expect.poll(lag, timeout).toBeGreaterThan(2)
    const behind = (await lag()) ?? 0
    await expect
      .poll(read('ninefold_bus_buffered_bytes'), timeout)
      .toBeGreaterThan(values.reduce((sum, { length }) => sum + length, 0))
    expect(await metrics.read('ninefold_bus_commit_seconds_count')).toBeNull()
    const { next } = lease?.committed() ?? { next: 0n }
    await lease?.commit({ next: next + BigInt(behind) - 1n, intent: null })
    expect(await metrics.read('ninefold_bus_commit_seconds_count', ofTopic)).toBe(1)
    expect(await lag()).toBe(1)
    const one = values[2]?.length ?? 0
    await expect.poll(read('ninefold_bus_buffered_bytes'), timeout).toBeGreaterThanOrEqual(one)
    expect(await metrics.read('ninefold_bus_buffered_bytes')).toBeLessThan(2 * one + 500)
    expect(await metrics.read('ninefold_bus_rebalances_total')).toBe(1)
    expect(await metrics.read('ninefold_bus_rebalance_seconds_count')).toBeNull()
    stopping.abort()
    await running
    await half.close()
    expect(await lag()).toBeNull()
  })

  it('count an assignment and its pause when another member comes', async () => {
    const first = await startSink('pauses')
    await expect.poll(read('ninefold_bus_rebalances_total'), timeout).toBe(1)
    // With a meter of its own, as another process has.
    const mine = metrics
    const others = await startScrapedMetrics()
    metrics = others
    const second = await startSink('pauses')
    metrics = mine
    await expect.poll(read('ninefold_bus_rebalances_total'), timeout).toBeGreaterThan(1)
    expect(await metrics.read('ninefold_bus_rebalance_seconds_count')).toBeGreaterThan(0)
    await second.stop()
    await first.stop()
    await others.close()
  })
})

describe('the numbers of a sink', () => {
  const deadLetters = read('ninefold_sink_dead_letters_total', ofTopic, 'reason="SINK_UNFIT_PAYLOAD"')
  const dropped = (reason: string) => read('ninefold_sink_dropped_total', ofTopic, `reason="${reason}"`)

  it('begin at 0, so that the first of each is a rise, and count dead letters and gaps', async () => {
    const first = await startSink('gaps')
    const lag = read('ninefold_bus_lag_records', ofTopic)
    await expect.poll(lag, timeout).toBe(0)
    expect([await deadLetters(), await dropped('BUS_POSITION_LOST')(), await dropped('position-moved')()]).toEqual([
      0, 0, 0,
    ])
    await write([Buffer.from('not protobuf'), tracesOf('after', 0)])
    await expect.poll(deadLetters, timeout).toBe(1)
    await expect.poll(lag, timeout).toBe(0)
    const next =
      first.half.consumer
        .leases()
        .find(lease => lease.topic === topic)
        ?.committed().next ?? 0n
    await first.stop()
    await write([0, 1, 2, 3].map(at => tracesOf('gone', at)))
    const partitions = [{ partition: 0, offset: String(next + 3n) }]
    await admin(async client => {
      await client.fetchTopicOffsets(topic)
      await client.deleteTopicRecords({ topic, partitions })
    })
    const second = await startSink('gaps')
    await expect.poll(dropped('BUS_POSITION_LOST'), timeout).toBe(3)
    await second.stop()
  })

  it('count a range that went to another sink while it was in hand', async () => {
    const held = Promise.withResolvers<void>()
    const reached = Promise.withResolvers<void>()
    const old = await startSink('taken', async step => {
      if (step !== 'after-stage') return
      reached.resolve()
      await held.promise
    })
    await write([tracesOf('taken', 0)])
    await reached.promise
    expect(await metrics.read('ninefold_sink_lost_leases_total')).toBeNull()
    const others = await startScrapedMetrics()
    const mine = metrics
    metrics = others
    // Of four topics with a partition each and four members, it keeps the one that is shared out first.
    const newer = [await startSink('taken'), await startSink('taken'), await startSink('taken')]
    metrics = mine
    const isGone = () => old.half.consumer.leases().every(lease => lease.topic !== topic)
    await expect.poll(isGone, timeout).toBe(true)
    held.resolve()
    await expect.poll(read('ninefold_sink_lost_leases_total', ofTopic), timeout).toBe(1)
    for (const one of [...newer, old]) await one.stop()
    await others.close()
  })

  it('say which partition waits, why and how long, of a store that refuses and of a topic made anew, and nothing afterwards', async () => {
    const store = read('ninefold_sink_waiting_seconds', ofTopic, 'partition="0"', 'reason="STORE_SCHEMA_MISMATCH"')
    const anew = read('ninefold_sink_waiting_seconds', ofTopic, 'partition="0"', 'reason="BUS_TOPIC_CHANGED"')
    const sink = await startSink('waits')
    await expect.poll(read('ninefold_bus_lag_records', ofTopic), timeout).toBe(0)
    expect(await store()).toBeNull()
    await run('DETACH TABLE otel_traces')
    try {
      await write([tracesOf('waits', 0)])
      await expect.poll(store, timeout).toBeGreaterThan(0.3)
      expect(sink.sink.waiting()).toMatchObject([{ topic, partition: 0, reason: 'STORE_SCHEMA_MISMATCH' }])
    } finally {
      await run('ATTACH TABLE otel_traces')
    }
    await expect.poll(store, timeout).toBeNull()
    await sink.stop()
    await admin(client => client.deleteTopics({ topics: [topic] }))
    await expect.poll(() => admin(client => client.listTopics()), timeout).not.toContain(topic)
    await admin(client => client.createTopics({ topics: [{ topic, numPartitions: 1, replicationFactor: 1 }] }))
    const again = await startSink('waits')
    await expect.poll(anew, timeout).toBeGreaterThan(0)
    await again.stop()
    await kafka.tool(groups, '--group', 'waits', '--topic', topic, '--reset-offsets', '--to-earliest', '--execute')
  })
})
