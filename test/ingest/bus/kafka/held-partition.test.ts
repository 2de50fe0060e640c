import { metrics } from '@opentelemetry/api'
import { afterEach, expect, it } from 'vitest'
import { createCluster } from '../../../../ingest/bus/kafka/cluster.ts'
import { createFetcher } from '../../../../ingest/bus/kafka/consumer/fetcher.ts'
import { HeldPartition } from '../../../../ingest/bus/kafka/consumer/held-partition.ts'
import { silentLogger } from '../../../../lib/logger.ts'
import { kafkaOptions } from '../../../factories/kafka-bus.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

it('asks for the position of a partition that cannot be had with growing pauses that differ, and waits since the first', async () => {
  const options = kafkaOptions(['127.0.0.1:1'])
  const cluster = createCluster(['otlp_spans'], options)
  const fetcher = createFetcher(cluster, options)
  closing.push(fetcher.stop, cluster.close)
  const asked: number[] = []
  let now = 1000
  const clock = {
    now: () => now,
    sleep: async (milliseconds: number) => {
      asked.push(milliseconds)
      now += milliseconds
      if (asked.length === 40) held.lose()
    },
  }
  const member = { groupId: 'g', generation: 1, memberId: 'm', instanceId: null }
  const held = new HeldPartition({ topic: 'otlp_spans', partition: 0 }, member, {
    groupId: 'g',
    cluster,
    fetcher,
    clock,
    logger: silentLogger,
    commitSeconds: metrics.getMeter('test').createHistogram('ninefold_bus_commit_seconds'),
    work: async () => undefined,
    mayBegin: () => true,
    nextChange: async () => undefined,
    nextLeaseNumber: () => 0,
  })
  await held.ended
  expect(held.waiting).toMatchObject({ reason: 'BUS_TOPIC_MISSING', sinceMs: 1000 })
  const ceilings = asked.map((_, at) => Math.min(5000, 250 * 2 ** at))
  for (const [at, pauseMs] of asked.entries()) {
    expect(pauseMs).toBeGreaterThanOrEqual((ceilings[at] ?? 0) / 2)
    expect(pauseMs).toBeLessThanOrEqual(ceilings[at] ?? 0)
  }
  expect(new Set(asked.slice(5)).size).toBeGreaterThan(10)
})
