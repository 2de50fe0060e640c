import { type BackOff, backOffMs } from '../../../../lib/back-off.ts'
import { asNinefoldError } from '../../../../lib/errors.ts'
import type { CommittedPosition, PartitionLease, Topic, WaitingPartition } from '../../bus.ts'
import { brokerError } from '../connection-errors.ts'
import { brokerErrors } from '../protocol/error-codes.ts'
import type { GroupMember } from '../protocol/group.ts'
import { offsetCommitApi, offsetFetchApi } from '../protocol/offsets.ts'
import type { ConsumerParts } from './consumer-parts.ts'
import { topicChanged } from './fetch-target.ts'
import { type LeaseStart, leaseLost, type OpenLease, openLease } from './kafka-lease.ts'
import { readPosition, writeMetadata } from './position-codec.ts'

const backOff: BackOff = { firstMs: 250, longestMs: 5000, random: Math.random }
const commitTimeoutMs = 30_000

const coordinatorMoved = new Set<number>([
  brokerErrors.coordinatorLoadInProgress,
  brokerErrors.coordinatorNotAvailable,
  brokerErrors.notCoordinator,
])

/**
 * One partition from the moment it is assigned until it is not: finds its position, lets the sink work on its lease, and speaks to the
 * broker as the member and generation that it was assigned under. `keepUnder` is the only way to a newer generation, and is called
 * only when this member had the partition in the generation right before: then nobody can have had it in between.
 */
export class HeldPartition {
  readonly topic: Topic
  readonly partition: number
  readonly #parts: ConsumerParts
  readonly #letGo = new AbortController()
  #member: GroupMember
  #lost = false
  #open: OpenLease | undefined
  #waiting: WaitingPartition | null = null
  readonly ended: Promise<void>

  constructor(tp: { readonly topic: Topic; readonly partition: number }, member: GroupMember, parts: ConsumerParts) {
    this.topic = tp.topic
    this.partition = tp.partition
    this.#member = member
    this.#parts = parts
    this.ended = this.#run(`${member.generation}-${parts.nextLeaseNumber()}`)
  }

  get generation(): number {
    return this.#member.generation
  }

  get lease(): PartitionLease | undefined {
    return this.#open?.lease
  }

  get isLost(): boolean {
    return this.#lost
  }

  /** Why it cannot begin, or null. */
  get waiting(): WaitingPartition | null {
    return this.#waiting
  }

  /** Nothing is announced that is not stored. */
  get atBoundary(): boolean {
    return (this.lease?.committed().intent ?? null) === null
  }

  keepUnder(member: GroupMember): void {
    this.#member = member
  }

  /** Commits are refused from now on, here and by the broker. */
  lose(): void {
    this.#lost = true
    this.#letGo.abort()
  }

  /** The sink is to finish what it has in hand. */
  letGo(): void {
    this.#letGo.abort()
  }

  wake(): void {
    this.#open?.wake()
  }

  async #run(id: string): Promise<void> {
    const { clock, fetcher, logger, work } = this.#parts
    const start = await this.#findStart()
    if (start === null) return
    const open = openLease({ topic: this.topic, partition: this.partition, id }, start, {
      signal: this.#letGo.signal,
      clock,
      doors: {
        commit: position => this.#commit(start.logId, position),
        readRange: fetcher.readRange,
        mayBegin: this.#parts.mayBegin,
        onCommitted: fetcher.kick,
      },
    })
    this.#open = open
    fetcher.add(open.target)
    try {
      await work(open.lease)
    } catch (error) {
      logger.error({ err: error, topic: this.topic, partition: this.partition }, 'the work on a partition ended')
    } finally {
      fetcher.remove(open.target)
    }
  }

  /** Asks until it knows; null when the partition was lost meanwhile. */
  async #findStart(): Promise<LeaseStart | null> {
    const { clock, logger } = this.#parts
    for (let attempts = 1; !this.#letGo.signal.aborted; attempts++) {
      try {
        const start = await this.#askStart()
        this.#waiting = null
        return start
      } catch (error) {
        const known = asNinefoldError(error)
        const { topic, partition } = this
        if (this.#waiting?.reason !== known.code) {
          logger.error({ topic, partition, code: known.code, reason: known.message }, known.remedy)
        }
        const sinceMs = this.#waiting?.sinceMs ?? clock.now()
        this.#waiting = { topic, partition, reason: known.code, sinceMs }
        await clock.sleep(backOffMs(attempts, backOff), this.#letGo.signal)
      }
    }
    return null
  }

  async #askStart(): Promise<LeaseStart> {
    const { cluster, groupId, fetcher, logger } = this.#parts
    const { topic, partition } = this
    const logId = cluster.topics().get(topic)?.id
    if (logId === undefined) throw brokerError(brokerErrors.unknownTopicOrPartition, `Read on topic ${topic}`)
    const found = await cluster.callCoordinator(groupId, offsetFetchApi, { groupId, topic, partition })
    if (coordinatorMoved.has(found.error)) cluster.forgetCoordinator()
    if (found.error !== brokerErrors.none) throw brokerError(found.error, `Read on group ${groupId}`)
    const { origin, logId: meant, position } = readPosition(found.offset, found.metadata)
    if (meant !== null && meant !== logId) throw topicChanged(topic)
    if (origin === 'other') {
      logger.warn({ topic, partition, next: position?.next }, 'the position was moved by somebody else than a sink')
    }
    const next = position ?? { next: await fetcher.earliestOffset(topic, partition), intent: null }
    return { logId, origin, position: next }
  }

  async #commit(logId: string, position: CommittedPosition): Promise<void> {
    const { clock, cluster, commitSeconds } = this.#parts
    const { topic, partition } = this
    const startedMs = performance.now()
    const metadata = writeMetadata(logId, position.intent)
    for (let attempts = 1; ; attempts++) {
      if (this.#lost) throw leaseLost(topic, partition)
      const member = this.#member
      try {
        const offset = { topic, partition, offset: position.next, metadata }
        const error = await cluster.callCoordinator(member.groupId, offsetCommitApi, { ...member, ...offset })
        if (error === brokerErrors.none) {
          commitSeconds.record((performance.now() - startedMs) / 1000, { topic })
          return
        }
        await this.#answerRefusal(error, member, attempts)
      } catch (error) {
        const known = asNinefoldError(error)
        if (known.code !== 'BUS_UNREACHABLE' || performance.now() - startedMs > commitTimeoutMs) throw known
        await clock.sleep(backOffMs(attempts, backOff))
      }
    }
  }

  /** Returns when the commit may be tried again. */
  async #answerRefusal(error: number, member: GroupMember, attempts: number): Promise<void> {
    const { clock, cluster, nextChange } = this.#parts
    switch (error) {
      case brokerErrors.rebalanceInProgress:
      case brokerErrors.illegalGeneration:
        // The group is about to have another generation, or has: whether this partition stays is told by the next assignment alone.
        if (this.#member === member && !this.#lost) await nextChange()
        if (this.#lost || this.#member === member) {
          this.lose()
          throw leaseLost(this.topic, this.partition)
        }
        return
      case brokerErrors.unknownMemberId:
      case brokerErrors.fencedInstanceId:
        this.lose()
        throw leaseLost(this.topic, this.partition)
      default:
        if (!coordinatorMoved.has(error)) throw brokerError(error, `Read on group ${member.groupId}`)
        cluster.forgetCoordinator()
        await clock.sleep(backOffMs(attempts, backOff))
    }
  }
}
