import type { NinefoldError } from '../../../lib/errors.ts'
import { createCluster } from './cluster.ts'
import type { Partition } from './consumer/assign-partitions.ts'
import { joinGroup } from './consumer/group-membership.ts'
import { keepRefreshed } from './keep-refreshed.ts'
import type { KafkaConnectionOptions } from './options.ts'

/** Its partitions are the shards; nothing is ever written to it. */
export const shardTopic = 'ninefold_shards'

export interface ShardLeaseOptions extends KafkaConnectionOptions {
  readonly groupId: string
  readonly instanceId: string | null
  readonly sessionTimeoutMs: number
  /** How many shards the topic is made with when it does not exist; −1 replicas is the broker's default. */
  readonly createTopics: { readonly partitions: number; readonly replicationFactor: number } | null
}

export interface Shards {
  /** Those that this process has now, ascending; none while it is not in the group. */
  readonly shards: readonly number[]
  /** How many there are in all; 0 while that is not known. */
  readonly count: number
  /** Of the group; −1 while this process is not in it. */
  readonly generation: number
}

export interface ShardLease {
  current(): Shards
  /** Calls `listener` after each change. @returns what stops that. */
  onChange(listener: (now: Shards) => void): () => void
  /** @throws what keeps it from having shards now. */
  ping(): Promise<void>
  close(): Promise<void>
}

const none: Shards = { shards: [], count: 0, generation: -1 }

/**
 * Kafka's group assignment as a lease: the members of a group share the partitions of a topic, and whoever has been silent for a session has
 * none, by its own monotonic clock too: a member that was halted has none from the first moment in which it goes on. What it does between a
 * look and the deed must be harmless when done twice.
 * @throws BUS_ACCESS_DENIED, BUS_TLS_REFUSED, BUS_BROKER_TOO_OLD.
 */
export async function openShardLease(options: ShardLeaseOptions): Promise<ShardLease> {
  const { clock } = options
  const logger = options.logger.child({ component: 'shard-lease' })
  const cluster = createCluster([shardTopic], options)
  const layout = await keepRefreshed(cluster, { ...options, logger })
  const listeners = new Set<(now: Shards) => void>()
  let now = none
  let owned: readonly Partition[] = []

  const change = (next: Shards) => {
    now = next
    for (const listener of listeners) listener(now)
  }
  const group = joinGroup(
    cluster,
    { ...options, topics: [shardTopic], logger, clock },
    {
      owned: () => owned,
      // The others may hear of the next assignment before this process does: in between it has nothing.
      beforeRejoin: async () => change(none),
      assigned: ({ generation }, partitions) => {
        owned = partitions
        const shards = partitions.map(({ partition }) => partition).sort((a, b) => a - b)
        change({ shards, count: cluster.topics().get(shardTopic)?.leaders.length ?? 0, generation })
      },
      lost: () => {
        owned = []
        change(none)
      },
    },
  )
  return {
    current: () => (group.silentMs() > options.sessionTimeoutMs ? none : now),
    onChange: listener => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    ping: async () => {
      await layout.ping()
      const failure: NinefoldError | null = group.failure()
      if (failure !== null) throw failure
    },
    close: async () => {
      await group.close()
      layout.stop()
      await cluster.close()
    },
  }
}
