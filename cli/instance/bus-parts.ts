import { join } from 'node:path'
import { type HeldShards, type ShardLease, soleLease } from '../../compute/jobs/shard-lease.ts'
import type { Bus, ConsumerHalf, ProducerHalf, Topic } from '../../ingest/bus/bus.ts'
import { openKafkaConsumer } from '../../ingest/bus/kafka/consumer/kafka-consumer.ts'
import { openKafkaBus } from '../../ingest/bus/kafka/open-kafka-bus.ts'
import { openKafkaProducer } from '../../ingest/bus/kafka/producer/kafka-producer.ts'
import { openShardLease, type Shards } from '../../ingest/bus/kafka/shard-lease.ts'
import { openSegmentLog, type SegmentLog } from '../../ingest/bus/segment-log/segment-log.ts'
import { kafkaSettings, shardLeaseSettings } from './kafka-settings.ts'
import type { ProcessContext, RoleContext } from './role-context.ts'

/** The parts of the bus that a process opens are let go with it, and are what its readiness needs. */

export async function openEmbeddedBus(context: ProcessContext, data: string): Promise<SegmentLog> {
  const { config, clock, logger } = context
  const limits = { retentionBytes: config['retention.busBytes'], retentionSeconds: config['retention.busSeconds'] }
  return keep(context, await openSegmentLog({ directory: join(data, 'bus'), limits, clock, logger }))
}

export async function openBoth(context: RoleContext): Promise<Bus> {
  return keep(context, await openKafkaBus(kafkaSettings(context.config, context)))
}

/** @param written topics that this process writes to; all when absent. */
export async function openProducer(context: RoleContext, written?: readonly Topic[]): Promise<ProducerHalf> {
  const settings = kafkaSettings(context.config, context)
  return keep(context, await openKafkaProducer(written === undefined ? settings : { ...settings, topics: written }))
}

export async function openConsumer(context: RoleContext): Promise<ConsumerHalf> {
  return keep(context, await openKafkaConsumer(kafkaSettings(context.config, context)))
}

function keep<T extends Pick<ProducerHalf, 'ping' | 'close'>>({ shutdown, health }: ProcessContext, half: T): T {
  shutdown.register('flush', 'bus', () => half.close())
  health.add('bus', async () => {
    await half.ping()
    return null
  })
  return half
}

/** Which SLOs this process evaluates: all over the embedded bus, those of its shards over Kafka. */
export async function openLease(context: RoleContext): Promise<ShardLease> {
  const { config, logger, shutdown, health } = context
  if (config.bus === 'embedded') return soleLease
  const lease = await openShardLease(shardLeaseSettings(config, context))
  shutdown.register('flush', 'shards', () => lease.close())
  lease.onChange(({ shards, count }) => logger.info({ shards, count }, 'shards of SLOs'))
  health.add('shards', async () => {
    await lease.ping()
    // With more computes than shards some have nothing to do, and are as ready as they can be.
    return lease.current().generation < 0 ? 'no shards are assigned: not in the group of computes yet' : null
  })
  return { current: () => heldShards(lease.current()) }
}

function heldShards({ shards, count, generation }: Shards): HeldShards {
  return { count: Math.max(1, count), held: count === 0 ? [] : shards, term: generation }
}
