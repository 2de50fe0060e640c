import { Kafka, logLevel } from 'kafkajs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openKafkaConsumer } from '../../../../ingest/bus/kafka/consumer/kafka-consumer.ts'
import { openKafkaBus } from '../../../../ingest/bus/kafka/open-kafka-bus.ts'
import { openKafkaProducer } from '../../../../ingest/bus/kafka/producer/kafka-producer.ts'
import { openShardLease, type ShardLeaseOptions, shardTopic } from '../../../../ingest/bus/kafka/shard-lease.ts'
import { systemClock } from '../../../../lib/clock.ts'
import { captureLogger } from '../../../factories/captured-logger.ts'
import { type KafkaCluster, startKafka } from '../../../factories/kafka-broker.ts'
import { kafkaOptions } from '../../../factories/kafka-bus.ts'
import { startSharedSink } from '../../../factories/kafka-sink.ts'
import { openStoreUnderTest, type StoreUnderTest } from '../../../factories/store.ts'
import { tracesOf } from '../../otlp/sample-payloads.ts'

/** A broker that has much else to do, and a session that ends by itself. */
const timeout = { timeout: 90_000 }

let kafka: KafkaCluster
let under: StoreUnderTest
const closing: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  ;[kafka, under] = await Promise.all([startKafka(), openStoreUnderTest()])
})
afterAll(async () => {
  await kafka.close()
  await under.close()
})

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const count = async (service: string) =>
  Number((await under.rows(`SELECT count() AS n FROM otel_traces WHERE ServiceName LIKE '${service}'`))[0]?.n)

async function joinSinks(groupId: string, name: string) {
  const half = await openKafkaConsumer(kafkaOptions(kafka.addresses, { groupId }))
  const sink = startSharedSink(under, half.consumer, name)
  const close = async () => {
    await sink.stop()
    await half.close()
  }
  closing.push(close)
  return { leases: half.consumer.leases, close }
}

async function lease(options: ShardLeaseOptions) {
  const opened = await openShardLease(options)
  closing.push(opened.close)
  return opened
}

describe('Kafka as the bus', () => {
  it('carries what was acknowledged into the store, once', async () => {
    const bus = await openKafkaBus(kafkaOptions(kafka.addresses))
    closing.push(bus.close)
    const produce = (at: number) =>
      bus.producer.produce({
        topic: 'otlp_spans',
        value: tracesOf(`shop-${at % 5}`, at),
        receivedAtMs: Date.now(),
        source: 'test',
      })
    await Promise.all(Array.from({ length: 200 }, (_, at) => produce(at)))
    const sink = startSharedSink(under, bus.consumer, 'one')
    closing.push(sink.stop)
    await expect.poll(() => count('shop-%'), timeout).toBe(200)
    await sink.stop()
    const counts = await Promise.all([0, 1, 2, 3, 4].map(shop => count(`shop-${shop}`)))
    expect(counts).toEqual([40, 40, 40, 40, 40])
  })

  it('shares partitions among sinks that come and go while records keep coming, and stores each once', async () => {
    const groupId = 'hand-over'
    const { producer, close } = await openKafkaProducer(kafkaOptions(kafka.addresses))
    closing.push(close)
    let produced = 0
    let producing = true
    const steady = (async () => {
      while (producing) {
        const values = Array.from({ length: 10 }, () => tracesOf(`fleet-${produced % 7}`, produced++))
        await Promise.all(
          values.map(value => producer.produce({ topic: 'otlp_spans', value, receivedAtMs: Date.now(), source: '' })),
        )
        await systemClock.sleep(20)
      }
    })()
    closing.push(async () => {
      producing = false
      await steady
    })
    const first = await joinSinks(groupId, 'first')
    await expect.poll(() => first.leases().length, timeout).toBe(12)
    const second = await joinSinks(groupId, 'second')
    const counts = () => [first, second].map(({ leases }) => leases().length).sort()
    await expect.poll(counts, timeout).toEqual([6, 6])
    await systemClock.sleep(500)
    await first.close()
    await expect.poll(() => second.leases().length, timeout).toBe(12)
    producing = false
    await steady
    await expect.poll(() => count('fleet-%'), timeout).toBe(produced)
    await second.close()
    expect(await under.rows(`SELECT uniqExact(SpanId) AS n FROM otel_traces WHERE ServiceName LIKE 'fleet-%'`)).toEqual(
      [{ n: String(produced) }],
    )
  })

  it('gives a static member that comes back within its session what it had, and disturbs nobody', async () => {
    const options = (instanceId: string) => ({
      // Longer than a busy machine takes to come back.
      ...kafkaOptions(kafka.addresses, { instanceId, sessionTimeoutMs: 60_000 }),
      groupId: 'static',
      createTopics: { partitions: 5, replicationFactor: 1 },
    })
    const stays = await lease(options('stays'))
    const leaves = await lease(options('leaves'))
    // Whichever of them was let in first.
    const counts = () => [stays, leaves].map(one => one.current().shards.length).sort()
    await expect.poll(counts, timeout).toEqual([2, 3])
    const before = leaves.current()
    const changes: unknown[] = []
    stays.onChange(now => void changes.push(now))
    await leaves.close()
    const again = await lease(options('leaves'))
    await expect.poll(() => again.current(), timeout).toEqual(before)
    expect(changes).toEqual([])
  })

  it('leases the shards of a control topic to the members of a group', async () => {
    const options = {
      ...kafkaOptions(kafka.addresses),
      groupId: 'compute',
      createTopics: { partitions: 5, replicationFactor: 1 },
    }
    const one = await lease(options)
    await expect.poll(() => one.current().shards, timeout).toEqual([0, 1, 2, 3, 4])
    const two = await lease(options)
    const counts = () => [one, two].map(({ current }) => current().shards.length).sort()
    await expect.poll(counts, timeout).toEqual([2, 3])
    expect([...one.current().shards, ...two.current().shards].sort()).toEqual([0, 1, 2, 3, 4])
    expect(one.current()).toMatchObject({ count: 5, generation: two.current().generation })
    const seen: number[] = []
    two.onChange(({ shards }) => void seen.push(shards.length))
    await one.close()
    await expect.poll(() => two.current().shards.length, timeout).toBe(5)
    expect(seen).toContain(5)
    await two.close()
    expect(two.current().shards).toEqual([])
  })

  it('puts out the former of two processes under one name, and both say whose name it is', async () => {
    const open = async (instanceId: string) => {
      const { logger, text } = captureLogger('warn')
      const opened = await lease({ ...kafkaOptions(kafka.addresses, { instanceId, logger }), groupId: 'twice' })
      return { ...opened, said: text }
    }
    const message = 'another process has joined twice as same (kafka.instanceId)'
    const one = await open('same')
    await expect.poll(() => one.current().shards.length, timeout).toBeGreaterThan(0)
    const two = await open('same')
    await expect.poll(() => one.said(), timeout).toContain(message)
    expect(one.current().shards).toEqual([])
    await expect(one.ping()).rejects.toMatchObject({ code: 'BUS_BROKER_ERROR', message })
    // The one that was put out comes back after a pause, and so on until one of them is stopped.
    await expect.poll(() => two.said(), timeout).toContain(message)
    await one.close()
    await expect.poll(() => two.current().shards.length, timeout).toBeGreaterThan(0)
  })

  it('lets a static member that led, and is back within its session, take up partitions that are added', async () => {
    const options = {
      ...kafkaOptions(kafka.addresses, { instanceId: 'leads' }),
      groupId: 'led',
      createTopics: { partitions: 5, replicationFactor: 1 },
    }
    const first = await lease(options)
    await expect.poll(() => first.current().shards, timeout).toEqual([0, 1, 2, 3, 4])
    await first.close()
    const again = await lease(options)
    await expect.poll(() => again.current().shards, timeout).toEqual([0, 1, 2, 3, 4])
    const admin = new Kafka({ brokers: [...kafka.addresses], logLevel: logLevel.NOTHING }).admin()
    await admin.connect()
    await admin.createPartitions({ topicPartitions: [{ topic: shardTopic, count: 7 }] })
    await admin.disconnect()
    await expect.poll(() => again.current().shards, timeout).toEqual([0, 1, 2, 3, 4, 5, 6])
  })
})
