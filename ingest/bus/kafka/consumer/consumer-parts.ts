import type { Histogram } from '@opentelemetry/api'
import type { Clock } from '../../../../lib/clock.ts'
import type { Logger } from '../../../../lib/logger.ts'
import type { PartitionLease } from '../../bus.ts'
import type { Cluster } from '../cluster.ts'
import type { Fetcher } from './fetcher.ts'

/** What the held partitions of one consumer share. */
export interface ConsumerParts {
  readonly groupId: string
  readonly cluster: Cluster
  readonly fetcher: Fetcher
  readonly clock: Clock
  readonly logger: Logger
  readonly commitSeconds: Histogram
  work(lease: PartitionLease): Promise<void>
  /** False while a rebalance is under way. */
  mayBegin(): boolean
  /** Resolves at the next assignment or loss. */
  nextChange(): Promise<void>
  nextLeaseNumber(): number
}
