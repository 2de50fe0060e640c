import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { topics } from '../../../../ingest/bus/bus.ts'
import { createCluster } from '../../../../ingest/bus/kafka/cluster.ts'
import type { FetchTarget } from '../../../../ingest/bus/kafka/consumer/fetch-target.ts'
import { createFetcher, type Fetcher } from '../../../../ingest/bus/kafka/consumer/fetcher.ts'
import { PartitionBuffer } from '../../../../ingest/bus/kafka/consumer/partition-buffer.ts'
import { openKafkaProducer } from '../../../../ingest/bus/kafka/producer/kafka-producer.ts'
import { type Clock, systemClock } from '../../../../lib/clock.ts'
import { type KafkaCluster, startKafka } from '../../../factories/kafka-broker.ts'
import { kafkaOptions } from '../../../factories/kafka-bus.ts'
import { tracesOf } from '../../otlp/sample-payloads.ts'

let kafka: KafkaCluster
beforeAll(async () => {
  kafka = await startKafka()
})
afterAll(() => kafka.close())

const topic = 'otlp_spans'

interface Reading {
  readonly fetcher: Fetcher
  target(from: bigint): FetchTarget
  /** Records in batches of their own. */
  produce(count: number): Promise<void>
}

/** A topic of one partition, read by a fetcher. */
async function reading(work: (parts: Reading) => Promise<void>, clock = systemClock) {
  const options = kafkaOptions(kafka.addresses, {
    createTopics: { partitions: 1, replicationFactor: 1 },
  })
  const { producer, close } = await openKafkaProducer(options)
  const produce = async (count: number) => {
    for (let at = 0; at < count; at++)
      await producer.produce({ topic, value: tracesOf('shop', at), receivedAtMs: Date.now(), source: '' })
  }
  const cluster = createCluster(Object.values(topics), options)
  await cluster.refresh()
  const topicId = cluster.topics().get(topic)?.id ?? ''
  const fetcher = createFetcher(cluster, { ...options, clock })
  try {
    await work({
      fetcher,
      target: from => ({
        topic,
        partition: 0,
        topicId,
        buffer: new PartitionBuffer(from),
        onArrival: () => undefined,
      }),
      produce,
    })
  } finally {
    await close()
    await fetcher.stop()
    await cluster.close()
  }
}

describe('the fetcher', () => {
  it('leaves no hole before the reader of a partition whose former reader is not done yet', () =>
    reading(async ({ fetcher, target, produce }) => {
      const [former, next] = [target(0n), target(0n)]
      await produce(100)
      fetcher.add(former)
      await expect.poll(() => former.buffer.next, { timeout: 60_000 }).toBe(100n)
      fetcher.add(next)
      await produce(100)
      await expect.poll(() => next.buffer.next, { timeout: 60_000 }).toBe(200n)
      const offsets = next.buffer.range(0n, 199n)?.map(({ offset }) => offset)
      expect(offsets).toEqual(Array.from({ length: 200 }, (_, at) => BigInt(at)))
    }))

  it('asks brokers that are away with growing pauses, lets the reader know after a while, and goes on', async () => {
    const asked: number[] = []
    const hasty: Clock = {
      now: systemClock.now,
      sleep: (milliseconds, signal) => {
        asked.push(milliseconds)
        return systemClock.sleep(Math.min(milliseconds, 30), signal)
      },
    }
    const [broker] = kafka.brokers
    await reading(async ({ fetcher, target, produce }) => {
      const reader = target(0n)
      await produce(1)
      fetcher.add(reader)
      await expect.poll(() => reader.buffer.next, { timeout: 60_000 }).toBeGreaterThan(0n)
      const { next } = reader.buffer
      expect(reader.buffer.takeFailure()).toBeNull()
      asked.length = 0
      await broker?.signal('SIGKILL')
      await expect.poll(() => reader.buffer.takeFailure()?.code, { timeout: 60_000 }).toBe('BUS_UNREACHABLE')
      await expect.poll(() => Math.max(...asked), { timeout: 60_000 }).toBeGreaterThan(1500)
      expect(Math.max(...asked)).toBeLessThanOrEqual(3000)
      await broker?.start()
      await produce(1)
      await expect.poll(() => reader.buffer.next, { timeout: 60_000 }).toBeGreaterThan(next)
      expect(reader.buffer.takeFailure()).toBeNull()
    }, hasty)
  })
})
