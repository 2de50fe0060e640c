import { type BackOff, backOffMs } from '../../../../lib/back-off.ts'
import type { Clock } from '../../../../lib/clock.ts'
import { asNinefoldError, NinefoldError } from '../../../../lib/errors.ts'
import type { Logger } from '../../../../lib/logger.ts'
import type { Cluster } from '../cluster.ts'
import { brokerError, isNewFailure } from '../connection-errors.ts'
import { readAssignment, readSubscription, writeAssignment, writeSubscription } from '../protocol/consumer-protocol.ts'
import { brokerErrors } from '../protocol/error-codes.ts'
import {
  type GroupMember,
  heartbeatApi,
  joinGroupApi,
  leaveGroupApi,
  type MemberAssignment,
  syncGroupApi,
} from '../protocol/group.ts'
import { assignPartitions, type Partition } from './assign-partitions.ts'

export interface GroupOptions {
  readonly groupId: string
  readonly instanceId: string | null
  readonly topics: readonly string[]
  readonly sessionTimeoutMs: number
  readonly clock: Clock
  readonly logger: Logger
}

/** What a member does when its partitions come and go. */
export interface GroupEvents {
  /** What it has now, so that it is left where it is. */
  owned(): readonly Partition[]
  /** Another rebalance begins: bring what is in hand to a good end, but not for long. */
  beforeRejoin(): Promise<void>
  assigned(member: GroupMember, partitions: readonly Partition[]): void
  /** No longer in the group: nothing of what was assigned may be acted upon. */
  lost(): void
}

export interface GroupMembership {
  /** Resolves at the next assignment or loss. */
  nextChange(): Promise<void>
  /** What keeps it out of the group, or null. */
  failure(): NinefoldError | null
  /**
   * How long ago, in milliseconds of the monotonic clock, it sent the last thing that the coordinator has answered. The coordinator gives its
   * partitions away no earlier than a session after that, whatever this process knows by then.
   */
  silentMs(): number
  /** Leaves the group, so that the others need not wait for the session's end. A static member stays in it. */
  close(): Promise<void>
}

const protocol = 'ninefold-sticky'
const rebalanceTimeoutMs = 30_000
const backOff: BackOff = { firstMs: 400, longestMs: 10_000, random: Math.random }

type Verdict = 'rejoin' | 'lost'

/** Keeps this process in a consumer group: joins, shares out the partitions when it is the leader, beats, and joins again. */
export function joinGroup(cluster: Cluster, options: GroupOptions, events: GroupEvents): GroupMembership {
  const { groupId, instanceId, sessionTimeoutMs, clock, logger } = options
  const stopping = new AbortController()
  const stopped = () => stopping.signal.aborted
  let memberId = ''
  let change = Promise.withResolvers<void>()
  let failure: NinefoldError | null = null
  let failures = 0
  let heardAt = Number.NEGATIVE_INFINITY

  const changed = () => {
    const former = change
    change = Promise.withResolvers<void>()
    former.resolve()
  }
  /** @returns whether that is news. */
  const note = (error: unknown): boolean => {
    const former = failure
    failure = asNinefoldError(error)
    return isNewFailure(former, failure)
  }
  const warn = () => logger.warn({ groupId, code: failure?.code, reason: failure?.message }, failure?.remedy)
  const lose = () => {
    memberId = ''
    events.lost()
    changed()
  }
  const partitions = (): Partition[] =>
    options.topics.flatMap(topic =>
      [...(cluster.topics().get(topic)?.leaders.keys() ?? [])].map(partition => ({ topic, partition })),
    )

  /** @returns the member and what it has, or null when it has to join again. */
  const join = async () => {
    const subscription = writeSubscription(options.topics, events.owned())
    const asked = { groupId, sessionTimeoutMs, rebalanceTimeoutMs, memberId, instanceId, protocol, subscription }
    const waiting = { purpose: 'join', timeoutMs: rebalanceTimeoutMs + 10_000 } as const
    const joined = await cluster.callCoordinator(groupId, joinGroupApi, asked, waiting)
    if (joined.error === brokerErrors.memberIdRequired) {
      memberId = joined.memberId
      return null
    }
    if (joined.error !== brokerErrors.none) return refused(joined.error, `Read on group ${groupId}`)
    memberId = joined.memberId
    const member = { groupId, generation: joined.generation, memberId, instanceId }
    let assignments: MemberAssignment[] = []
    const all = partitions()
    if (joined.leader === memberId) {
      const members = joined.members.map(one => ({ memberId: one.memberId, ...readSubscription(one.subscription) }))
      const shares = assignPartitions(all, members)
      assignments = [...shares].map(([id, share]) => ({ memberId: id, assignment: writeAssignment(share) }))
    }
    const syncedAt = performance.now()
    const synced = await cluster.callCoordinator(groupId, syncGroupApi, { ...member, assignments }, waiting)
    if (synced.error !== brokerErrors.none) return refused(synced.error, `Read on group ${groupId}`)
    heardAt = syncedAt
    const leads = joined.leader === memberId
    return { member, share: readAssignment(synced.assignment), leads, seen: all.length }
  }

  const refused = (error: number, what: string): null => {
    switch (error) {
      case brokerErrors.rebalanceInProgress:
        return null
      case brokerErrors.unknownMemberId:
      case brokerErrors.illegalGeneration:
        logger.warn(
          { groupId, silentMs: Math.round(performance.now() - heardAt) },
          'the group went on without this member; it joins again',
        )
        lose()
        return null
      case brokerErrors.notCoordinator:
      case brokerErrors.coordinatorNotAvailable:
      case brokerErrors.coordinatorLoadInProgress:
        cluster.forgetCoordinator()
        throw brokerError(error, what)
      case brokerErrors.fencedInstanceId:
        lose()
        throw new NinefoldError(
          'BUS_BROKER_ERROR',
          `another process has joined ${groupId} as ${instanceId} (kafka.instanceId)`,
          { details: { brokerError: error } },
        )
      case brokerErrors.inconsistentGroupProtocol:
        throw new NinefoldError(
          'BUS_BROKER_ERROR',
          `the group ${groupId} (kafka.groupId) is used by another kind of consumer`,
        )
      case brokerErrors.invalidSessionTimeout:
        throw new NinefoldError(
          'BUS_BROKER_ERROR',
          `the broker does not allow a session of ${sessionTimeoutMs} ms (kafka.sessionTimeout)`,
        )
      default:
        throw brokerError(error, what)
    }
  }

  /** @returns what it has come to, or null to beat on. */
  const beat = async (member: GroupMember): Promise<Verdict | null> => {
    try {
      const sentAt = performance.now()
      const error = await cluster.callCoordinator(groupId, heartbeatApi, member, { timeoutMs: sessionTimeoutMs })
      if (error === brokerErrors.rebalanceInProgress) return 'rejoin'
      if (error !== brokerErrors.none) {
        refused(error, `Read on group ${groupId}`)
        return 'lost'
      }
      heardAt = sentAt
      if (failure !== null) logger.info({ groupId }, 'heartbeats are answered again')
      failure = null
    } catch (error) {
      if (memberId === '') throw error
      if (note(error)) warn()
    }
    if (performance.now() - heardAt <= sessionTimeoutMs) return null
    const { code, message: reason, remedy } = failure ?? {}
    logger.error({ groupId, code, reason, remedy }, 'out of the consumer group: nothing it had is worked on here')
    lose()
    return 'lost'
  }

  /** Beats until it has to join again. */
  const stay = async (member: GroupMember, mustJoinAnew: () => boolean): Promise<Verdict> => {
    const everyMs = Math.min(1000, sessionTimeoutMs / 5)
    for (;;) {
      await clock.sleep(everyMs, stopping.signal)
      if (stopped() || mustJoinAnew()) return 'rejoin'
      const verdict = await beat(member)
      if (verdict !== null) return verdict
    }
  }

  const round = async () => {
    const joined = await join()
    if (joined === null) return
    const { member, share, leads, seen } = joined
    if (failure !== null) logger.info({ groupId }, 'in the consumer group again')
    failure = null
    failures = 0
    logger.info({ groupId, generation: member.generation, partitions: share.length, leads }, 'partitions are assigned')
    events.assigned(member, share)
    changed()
    // Partitions that were added are shared out by the leader, but not every leader knows that it is one: a static member that comes back within
    // its session is told its former id as the leader's. Whoever joins once more is told anew.
    const verdict = await stay(member, () => partitions().length !== seen)
    if (verdict === 'rejoin' && !stopped()) await events.beforeRejoin()
  }

  const run = async () => {
    while (!stopped()) {
      try {
        await round()
      } catch (error) {
        const isNews = note(error)
        // Two processes under one name would put each other out without end: slowly, then.
        if (failure?.details.brokerError === brokerErrors.fencedInstanceId) failures = Math.max(failures, 9)
        failures++
        if (isNews || failures % 10 === 0) warn()
        await clock.sleep(backOffMs(failures, backOff), stopping.signal)
      }
    }
  }
  const running = run()

  return {
    nextChange: () => change.promise,
    failure: () => failure,
    silentMs: () => performance.now() - heardAt,
    close: async () => {
      stopping.abort()
      cluster.interruptJoin()
      await running
      if (memberId !== '' && instanceId === null) {
        const leaving = cluster.callCoordinator(groupId, leaveGroupApi, { groupId, memberId }, { timeoutMs: 2000 })
        await leaving.catch((error: unknown) => logger.debug({ err: error, groupId }, 'the group was not told'))
      }
      lose()
    },
  }
}
