import { join } from 'node:path'
import { type ShardLease, soleLease } from '../../compute/jobs/shard-lease.ts'
import type { Consumer, Producer } from '../../ingest/bus/bus.ts'
import { openSegmentLog } from '../../ingest/bus/segment-log/segment-log.ts'
import type { ProcessContext } from './role-context.ts'

export interface BusLag {
  readonly lagRecords: number
  /** Null where the carrier counts records only. */
  readonly lagBytes: number | null
}

/** What the roles of one process use of the bus. Each half is opened once, by the role that needs it. */
export interface BusParts {
  readonly producer: Producer
  readonly consumer: Consumer
  readonly lease: ShardLease
  lag(): BusLag
}

/** The embedded log: this process is the only one, and has everything. */
export async function openEmbeddedBus(
  { config, clock, logger, shutdown }: ProcessContext,
  data: string,
): Promise<BusParts> {
  const bus = await openSegmentLog({
    directory: join(data, 'bus'),
    limits: { retentionBytes: config['retention.busBytes'], retentionSeconds: config['retention.busSeconds'] },
    clock,
    logger,
  })
  shutdown.register('flush', 'bus', () => bus.close())
  const { producer, consumer } = bus
  return { producer, consumer, lease: soleLease, lag: () => producer.pressure() }
}
