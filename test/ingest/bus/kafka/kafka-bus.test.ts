import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openKafkaConsumer } from '../../../../ingest/bus/kafka/consumer/kafka-consumer.ts'
import { openKafkaBus } from '../../../../ingest/bus/kafka/open-kafka-bus.ts'
import { openKafkaProducer } from '../../../../ingest/bus/kafka/producer/kafka-producer.ts'
import { openShardLease, shardTopic } from '../../../../ingest/bus/kafka/shard-lease.ts'
import { systemClock } from '../../../../lib/clock.ts'
import { captureLogger } from '../../../factories/captured-logger.ts'
import { type KafkaCluster, startKafka } from '../../../factories/kafka-broker.ts'
import { kafkaOptions } from '../../../factories/kafka-bus.ts'
import { startSharedSink } from '../../../factories/kafka-sink.ts'
import { openStoreUnderTest, type StoreUnderTest } from '../../../factories/store.ts'
import { tracesOf } from '../../otlp/sample-payloads.ts'

let kafka: KafkaCluster
let under: StoreUnderTest

beforeAll(async () => {
  ;[kafka, under] = await Promise.all([startKafka(), openStoreUnderTest()])
})
afterAll(async () => {
  await kafka.close()
  await under.close()
})

const count = async (service: string) =>
  Number((await under.rows(`SELECT count() AS n FROM otel_traces WHERE ServiceName = '${service}'`))[0]?.n)

describe('Kafka as the bus', () => {
  it('carries what was acknowledged into the store, once', async () => {
    const bus = await openKafkaBus(kafkaOptions(kafka.addresses))
    const produce = (at: number) =>
      bus.producer.produce({
        topic: 'otlp_spans',
        value: tracesOf(`shop-${at % 5}`, at),
        receivedAtMs: Date.now(),
        source: 'test',
      })
    await Promise.all(Array.from({ length: 200 }, (_, at) => produce(at)))
    const sink = startSharedSink(under, bus.consumer, 'one')
    await expect.poll(() => count('shop-0'), { timeout: 30_000 }).toBe(40)
    await sink.stop()
    expect(await count('shop-1')).toBe(40)
    await bus.close()
  })

  it('shares partitions among sinks that come and go while records keep coming, and stores each once', async () => {
    const groupId = 'hand-over'
    const { producer, close } = await openKafkaProducer(kafkaOptions(kafka.addresses))
    const joined = async (name: string) => {
      const half = await openKafkaConsumer(kafkaOptions(kafka.addresses, { groupId }))
      return { ...half, sink: startSharedSink(under, half.consumer, name) }
    }
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
    const first = await joined('first')
    await expect.poll(() => first.consumer.leases().length, { timeout: 20_000 }).toBe(9)
    const second = await joined('second')
    await expect.poll(() => second.consumer.leases().length, { timeout: 20_000 }).toBeGreaterThan(3)
    expect(first.consumer.leases().length + second.consumer.leases().length).toBe(9)
    await systemClock.sleep(500)
    await first.sink.stop()
    await first.close()
    await expect.poll(() => second.consumer.leases().length, { timeout: 20_000 }).toBe(9)
    producing = false
    await steady
    const stored = async () =>
      Number((await under.rows(`SELECT count() AS n FROM otel_traces WHERE ServiceName LIKE 'fleet-%'`))[0]?.n)
    await expect.poll(stored, { timeout: 30_000 }).toBe(produced)
    await second.sink.stop()
    await second.close()
    await close()
    expect(await under.rows(`SELECT uniqExact(SpanId) AS n FROM otel_traces WHERE ServiceName LIKE 'fleet-%'`)).toEqual(
      [{ n: String(produced) }],
    )
  })

  it('gives a static member that comes back within its session what it had, and disturbs nobody', async () => {
    const options = (instanceId: string) => ({
      ...kafkaOptions(kafka.addresses, { instanceId }),
      groupId: 'static',
      createTopics: { partitions: 5, replicationFactor: 1 },
    })
    const stays = await openShardLease(options('stays'))
    const leaves = await openShardLease(options('leaves'))
    // Whichever of them was let in first.
    const counts = () => [stays, leaves].map(one => one.current().shards.length).sort()
    await expect.poll(counts, { timeout: 20_000 }).toEqual([2, 3])
    const before = leaves.current()
    const changes: unknown[] = []
    stays.onChange(now => void changes.push(now))
    await leaves.close()
    const again = await openShardLease(options('leaves'))
    await expect.poll(() => again.current(), { timeout: 5000 }).toEqual(before)
    expect(changes).toEqual([])
    await again.close()
    await stays.close()
  })

  it('leases the shards of a control topic to the members of a group', async () => {
    const options = {
      ...kafkaOptions(kafka.addresses),
      groupId: 'compute',
      createTopics: { partitions: 5, replicationFactor: 1 },
    }
    const one = await openShardLease(options)
    await expect.poll(() => one.current().shards, { timeout: 20_000 }).toEqual([0, 1, 2, 3, 4])
    const two = await openShardLease(options)
    await expect.poll(() => two.current().shards.length, { timeout: 20_000 }).toBeGreaterThan(1)
    expect([...one.current().shards, ...two.current().shards].sort()).toEqual([0, 1, 2, 3, 4])
    expect(one.current()).toMatchObject({ count: 5, generation: two.current().generation })
    const seen: number[] = []
    two.onChange(({ shards }) => void seen.push(shards.length))
    await one.close()
    await expect.poll(() => two.current().shards.length, { timeout: 20_000 }).toBe(5)
    expect(seen).toContain(5)
    await two.close()
    expect(two.current().shards).toEqual([])
  })

  it('puts out the former of two processes under one name, and both say whose name it is', async () => {
    const open = async (instanceId: string) => {
      const { logger, text } = captureLogger('warn')
      const lease = await openShardLease({ ...kafkaOptions(kafka.addresses, { instanceId, logger }), groupId: 'twice' })
      return { lease, said: text }
    }
    const message = 'another process has joined twice as same (kafka.instanceId)'
    const one = await open('same')
    await expect.poll(() => one.lease.current().shards.length, { timeout: 20_000 }).toBeGreaterThan(0)
    const two = await open('same')
    await expect.poll(() => one.said(), { timeout: 20_000 }).toContain(message)
    expect(one.lease.current().shards).toEqual([])
    await expect(one.lease.ping()).rejects.toMatchObject({ code: 'BUS_BROKER_ERROR', message })
    // The one that was put out comes back after a pause, and so on until one of them is stopped.
    await expect.poll(() => two.said(), { timeout: 40_000 }).toContain(message)
    await one.lease.close()
    await expect.poll(() => two.lease.current().shards.length, { timeout: 60_000 }).toBeGreaterThan(0)
    await two.lease.close()
  })

  it('lets a static member that led, and is back within its session, take up partitions that are added', async () => {
    const options = {
      ...kafkaOptions(kafka.addresses, { instanceId: 'leads' }),
      groupId: 'led',
      createTopics: { partitions: 5, replicationFactor: 1 },
    }
    const first = await openShardLease(options)
    await expect.poll(() => first.current().shards, { timeout: 20_000 }).toEqual([0, 1, 2, 3, 4])
    await first.close()
    const again = await openShardLease(options)
    await expect.poll(() => again.current().shards, { timeout: 20_000 }).toEqual([0, 1, 2, 3, 4])
    const admin = new Kafka({ brokers: [...kafka.addresses], logLevel: logLevel.NOTHING }).admin()
    await admin.connect()
    await admin.createPartitions({ topicPartitions: [{ topic: shardTopic, count: 7 }] })
    await admin.disconnect()
    await expect.poll(() => again.current().shards, { timeout: 40_000 }).toEqual([0, 1, 2, 3, 4, 5, 6])
    await again.close()
  })
})
