import { Kafka, logLevel } from 'kafkajs'
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import { createCluster } from '../../../../ingest/bus/kafka/cluster.ts'
import { createFetcher } from '../../../../ingest/bus/kafka/consumer/fetcher.ts'
import { openKafkaConsumer } from '../../../../ingest/bus/kafka/consumer/kafka-consumer.ts'
import { PartitionBuffer } from '../../../../ingest/bus/kafka/consumer/partition-buffer.ts'
import { openKafkaProducer } from '../../../../ingest/bus/kafka/producer/kafka-producer.ts'
import { systemClock } from '../../../../lib/clock.ts'
import { type KafkaCluster, startKafka } from '../../../factories/kafka-broker.ts'
import { kafkaOptions } from '../../../factories/kafka-bus.ts'
import { startSharedSink } from '../../../factories/kafka-sink.ts'
import { openStoreUnderTest, type StoreUnderTest } from '../../../factories/store.ts'
import { tracesOf } from '../../otlp/sample-payloads.ts'

let kafka: KafkaCluster
let under: StoreUnderTest
const closing: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  ;[kafka, under] = await Promise.all([startKafka({ brokers: 3 }), openStoreUnderTest()])
}, 400_000)
afterAll(async () => {
  await kafka.close()
  await under.close()
})

afterEach(async () => {
  vi.restoreAllMocks()
  for (const close of closing.splice(0).reverse()) await close()
})

/** Produces until it is stopped; only what was acknowledged counts as produced. */
function steadyProducer(produce: (at: number) => Promise<unknown>) {
  const acknowledged: number[] = []
  let refused = 0
  let going = true
  let at = 0
  const running = (async () => {
    while (going) {
      const ids = Array.from({ length: 5 }, () => at++)
      await Promise.all(
        ids.map(id =>
          produce(id).then(
            () => void acknowledged.push(id),
            () => void refused++,
          ),
        ),
      )
      await systemClock.sleep(20)
    }
  })()
  return {
    acknowledged,
    refused: () => refused,
    stop: () => {
      going = false
      return running
    },
  }
}

it('does not take a leader that has moved, does not know the end yet or is away for records that are lost', {
  timeout: 400_000,
}, async () => {
  const topic = 'moved'
  const foreign = new Kafka({ brokers: [...kafka.addresses], logLevel: logLevel.NOTHING })
  const [admin, producer] = [foreign.admin(), foreign.producer()]
  await Promise.all([admin.connect(), producer.connect()])
  closing.push(admin.disconnect, producer.disconnect)
  const on = (replicas: number[]) => [{ partition: 0, replicas }]
  await admin.createTopics({ topics: [{ topic, replicaAssignment: on([0]) }] })
  await producer.send({ topic, messages: ['a', 'b', 'c'].map(value => ({ value })) })
  const options = kafkaOptions(kafka.addresses)
  const cluster = createCluster([topic], options)
  const onlooker = createCluster([topic], options)
  /** Each broker has its own view, and each time another is asked: those that any of them tells. */
  const leaders = async () => {
    const told = new Set<number>()
    for (let at = 0; at < 2 * kafka.brokers.length; at++) {
      await onlooker.refresh()
      told.add(onlooker.leaderOf(topic, 0))
    }
    return [...told]
  }
  await expect.poll(leaders, { timeout: 60_000 }).toEqual([0])
  await cluster.refresh()
  const fetcher = createFetcher(cluster, options)
  closing.push(cluster.close, onlooker.close, fetcher.stop)
  const target = {
    topic,
    partition: 0,
    topicId: cluster.topics().get(topic)?.id ?? '',
    buffer: new PartitionBuffer(0n),
    onArrival: () => undefined,
  }
  const values = async () => (await fetcher.readRange(target, 0n, 2n)).map(({ value }) => String(value))
  expect(await values()).toEqual(['a', 'b', 'c'])
  await admin.alterPartitionReassignments({ topics: [{ topic, partitionAssignment: on([1]) }] })
  await expect.poll(leaders, { timeout: 60_000 }).toEqual([1])
  expect(cluster.leaderOf(topic, 0)).toBe(0)
  await expect(values()).rejects.toMatchObject({ code: 'BUS_BROKER_ERROR' })
  expect(await values()).toEqual(['a', 'b', 'c'])
  const beyond = () => fetcher.readRange(target, 0n, 9n)
  await expect(beyond()).rejects.toMatchObject({
    code: 'BUS_BROKER_ERROR',
    message: expect.stringContaining('ends at 3'),
  })
  const real = performance.now.bind(performance)
  const later = vi.spyOn(performance, 'now').mockImplementation(() => real() + 60_000)
  await expect(beyond()).rejects.toMatchObject({ code: 'BUS_POSITION_LOST' })
  later.mockRestore()
  // With its only broker away it has no leader: nobody answers, and the reader hears of that.
  const [, broker] = kafka.brokers
  await broker?.signal('SIGTERM')
  await expect.poll(leaders, { timeout: 60_000 }).toEqual([-1])
  await cluster.refresh()
  fetcher.add(target)
  const failure = () => target.buffer.takeFailure()
  await expect.poll(failure, { timeout: 60_000 }).toMatchObject({
    code: 'BUS_BROKER_ERROR',
    message: expect.stringContaining('leaderNotAvailable'),
  })
  await broker?.start()
  await expect.poll(leaders, { timeout: 120_000 }).toEqual([1])
  await cluster.refresh()
  await expect.poll(() => target.buffer.next, { timeout: 60_000 }).toBe(3n)
  expect(failure()).toBeNull()
})

// Brokers take their time to come back on a busy machine.
it('loses and doubles nothing when a broker, and then all at once, are killed and come back', {
  timeout: 400_000,
}, async () => {
  const options = kafkaOptions(kafka.addresses, { deliveryTimeoutMs: 200_000 })
  const { producer, close } = await openKafkaProducer(options)
  const half = await openKafkaConsumer(options)
  const sink = startSharedSink(under, half.consumer, 'staging')
  closing.push(close, half.close, sink.stop)
  await expect.poll(() => half.consumer.leases().length, { timeout: 90_000 }).toBe(12)
  const steady = steadyProducer(id =>
    producer.produce({ topic: 'otlp_spans', value: tracesOf(`s-${id % 9}`, id), receivedAtMs: Date.now(), source: '' }),
  )
  closing.push(steady.stop)
  await systemClock.sleep(1500)
  await kafka.brokers[0]?.signal('SIGKILL')
  await systemClock.sleep(3000)
  await kafka.brokers[0]?.start()
  await Promise.all(kafka.brokers.map(broker => broker.signal('SIGKILL')))
  await Promise.all(kafka.brokers.map(broker => broker.start()))
  const soFar = steady.acknowledged.length
  await expect.poll(() => steady.acknowledged.length, { timeout: 200_000 }).toBeGreaterThan(soFar + 50)
  await steady.stop()

  const ids = async () =>
    (await under.rows('SELECT SpanId, count() AS n FROM otel_traces GROUP BY SpanId')) as {
      SpanId: string
      n: string
    }[]
  const missing = async () => {
    const stored = new Set((await ids()).map(({ SpanId }) => Number.parseInt(SpanId.slice(8), 16)))
    return steady.acknowledged.filter(id => !stored.has(id)).length
  }
  await expect.poll(missing, { timeout: 120_000 }).toBe(0)
  await sink.stop()
  expect((await ids()).filter(({ n }) => n !== '1')).toEqual([])
  expect(steady.refused()).toBe(0)
})
