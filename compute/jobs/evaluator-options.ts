import type { Meter } from '@opentelemetry/api'
import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/logger.ts'
import type { SpecSet } from '../../slo-specs/schema/model.ts'
import type { Store } from '../../store/client/store.ts'
import type { NotificationSender } from '../alerts/notice.ts'
import type { CountSources } from './pull-counts.ts'
import type { RollupResult } from './rollup.ts'
import type { ShardLease } from './shard-lease.ts'

export interface EvaluatorOptions {
  readonly store: Store
  /** The specs in force; a new value takes effect at the next tick. */
  readonly specs: () => SpecSet
  readonly senders: readonly NotificationSender[]
  readonly clock: Clock
  readonly logger: Logger
  readonly meter: Meter
  /** Who answers for SLOs that are counted elsewhere. */
  readonly sources?: CountSources
  /** Which SLOs this process works on; all by default. */
  readonly lease?: ShardLease
  /** Raw events are kept for this long (the store's TTL); 35 days by default. */
  readonly rawRetentionSeconds?: number
  /** Of the machine's processors, above 0 and up to 1. */
  readonly cpuShare?: number
  /** Raw rows one tick computes at most, and one step of history; 1 million by default. */
  readonly rowsATick?: number
}

export interface TickResult extends RollupResult {
  /** SLOs that were evaluated; 0 when nothing can have changed since the last tick. */
  readonly evaluated: number
  readonly fired: number
  readonly resolved: number
  /** Revisions whose history is not complete yet. */
  readonly historyLeft: number
  /** Shards of SLOs that this process has; with none there is nothing to do. */
  readonly shards: number
  readonly durationMs: number
}
