import { type ConsumerHalf, type PartitionLease, type Topic, topics } from '../../bus.ts'
import { createCluster } from '../cluster.ts'
import { keepRefreshed } from '../keep-refreshed.ts'
import type { KafkaConsumerOptions } from '../options.ts'
import type { GroupMember } from '../protocol/group.ts'
import type { Partition } from './assign-partitions.ts'
import { observeConsumer } from './consumer-metrics.ts'
import type { ConsumerParts } from './consumer-parts.ts'
import { createFetcher } from './fetcher.ts'
import { type GroupMembership, joinGroup } from './group-membership.ts'
import { HeldPartition } from './held-partition.ts'

/** How long a rebalance waits for ranges in hand; what is not stored by then is replayed by whoever gets it. */
const handOverMs = 3000
/** Before a partition whose work has ended is taken up again. */
const restartMs = 1000
const topicNames = Object.values(topics)
const nameOf = ({ topic, partition }: Partition): string => `${topic}/${partition}`
const isOurs = (partition: Partition): partition is { topic: Topic; partition: number } =>
  topicNames.some(name => name === partition.topic)

/**
 * The consumer half alone. Joins the group when it is run.
 * @throws BUS_ACCESS_DENIED, BUS_TLS_REFUSED, BUS_BROKER_TOO_OLD: what only somebody can change.
 */
export async function openKafkaConsumer(options: KafkaConsumerOptions): Promise<ConsumerHalf> {
  const { clock, groupId } = options
  const logger = options.logger.child({ component: 'kafka-consumer' })
  const cluster = createCluster(topicNames, options)
  const layout = await keepRefreshed(cluster, { ...options, logger })
  const fetcher = createFetcher(cluster, { ...options, logger })
  const held = new Map<string, HeldPartition>()
  const leases = (): PartitionLease[] => [...held.values()].flatMap(({ lease }) => lease ?? [])
  const metrics = observeConsumer(options.meter, { leases, bufferedBytes: fetcher.bufferedBytes })
  let group: GroupMembership | undefined
  let mayBegin = true
  let pausedAt: number | null = null
  let leaseNumber = 0
  let current: GroupMember | null = null
  let stopping = false
  const ending = new Set<Promise<void>>()

  const openGate = () => {
    mayBegin = true
    for (const partition of held.values()) partition.wake()
  }
  const take = (tp: { topic: Topic; partition: number }, member: GroupMember, parts: ConsumerParts) => {
    const name = nameOf(tp)
    const partition = new HeldPartition(tp, member, parts)
    held.set(name, partition)
    const ended = partition.ended
      .then(async () => {
        // The broker refused what the group still says is ours, or the work gave up: it begins anew from what is committed.
        if (stopping || held.get(name) !== partition) return
        await clock.sleep(restartMs)
        if (stopping || held.get(name) !== partition) return
        held.delete(name)
        if (current !== null) take(tp, current, parts)
      })
      .finally(() => ending.delete(ended))
    ending.add(ended)
  }
  const drop = (name: string, partition: HeldPartition) => {
    partition.lose()
    held.delete(name)
  }

  const assigned = (member: GroupMember, partitions: readonly Partition[], parts: ConsumerParts) => {
    const now = new Map(partitions.filter(isOurs).map(partition => [nameOf(partition), partition]))
    for (const [name, partition] of held) {
      // A member that joins again may find the generation it had.
      const isNext = [0, 1].includes(member.generation - partition.generation)
      const stays = now.has(name) && !partition.isLost && isNext
      if (stays) partition.keepUnder(member)
      else drop(name, partition)
    }
    current = member
    for (const [name, tp] of now) if (!held.has(name)) take(tp, member, parts)
    const pauseMs = pausedAt === null ? null : Math.round(performance.now() - pausedAt)
    pausedAt = null
    metrics.rebalanced(pauseMs)
    if (pauseMs !== null) logger.info({ groupId, pauseMs }, 'the pause of a rebalance is over')
    openGate()
  }

  const run = async (work: (lease: PartitionLease) => Promise<void>, signal: AbortSignal) => {
    const parts: ConsumerParts = {
      groupId,
      cluster,
      fetcher,
      clock,
      logger,
      commitSeconds: metrics.commitSeconds,
      work,
      mayBegin: () => mayBegin,
      nextChange: () => group?.nextChange() ?? Promise.resolve(),
      nextLeaseNumber: () => leaseNumber++,
    }
    group = joinGroup(
      cluster,
      { ...options, topics: topicNames, logger },
      {
        owned: () => [...held.values()].filter(({ isLost }) => !isLost),
        beforeRejoin: async () => {
          mayBegin = false
          pausedAt = performance.now()
          const untilMs = performance.now() + handOverMs
          while (performance.now() < untilMs && [...held.values()].some(({ atBoundary }) => !atBoundary))
            await clock.sleep(20)
        },
        assigned: (member, partitions) => assigned(member, partitions, parts),
        lost: () => {
          current = null
          for (const [name, partition] of held) drop(name, partition)
          openGate()
        },
      },
    )
    await new Promise<void>(resolve => {
      if (signal.aborted) resolve()
      else signal.addEventListener('abort', () => resolve(), { once: true })
    })
    stopping = true
    for (const partition of held.values()) partition.letGo()
    await Promise.all([...held.values()].map(({ ended }) => ended))
    await group.close()
    await Promise.all(ending)
  }

  return {
    consumer: { shared: true, leases, waiting: () => [...held.values()].flatMap(({ waiting }) => waiting ?? []), run },
    ping: async () => {
      await layout.ping()
      const failure = group?.failure() ?? null
      if (failure !== null) throw failure
    },
    close: async () => {
      await group?.close()
      await fetcher.stop()
      layout.stop()
      await cluster.close()
    },
  }
}
