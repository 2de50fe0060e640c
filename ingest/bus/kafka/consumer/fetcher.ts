import { type BackOff, backOffMs } from '../../../../lib/back-off.ts'
import type { Clock } from '../../../../lib/clock.ts'
import { asNinefoldError, NinefoldError } from '../../../../lib/errors.ts'
import type { Logger } from '../../../../lib/logger.ts'
import type { BusRecord } from '../../bus.ts'
import type { Cluster } from '../cluster.ts'
import { brokerError } from '../connection-errors.ts'
import { decodeBatches } from '../protocol/decode-batches.ts'
import { brokerErrors } from '../protocol/error-codes.ts'
import { type FetchedPartition, type FetchPartition, fetchApi } from '../protocol/fetch.ts'
import { type FetchTarget, topicChanged } from './fetch-target.ts'
import { createLogEnds } from './log-ends.ts'

export interface Fetcher {
  /** Reads ahead for this one from now on, and no longer for a former one of the same partition. */
  add(target: FetchTarget): void
  remove(target: FetchTarget): void
  /** There is room again. */
  kick(): void
  bufferedBytes(): number
  /** The range first–last past the buffer. @throws BUS_POSITION_LOST, BUS_TOPIC_CHANGED, … */
  readRange(target: FetchTarget, first: bigint, last: bigint): Promise<readonly BusRecord[]>
  earliestOffset(topic: string, partition: number): Promise<bigint>
  stop(): Promise<void>
}

const maxWaitMs = 250
const largestFetchBytes = 32 * 1024 * 1024
const largestPartitionBytes = 8 * 1024 * 1024
const smallestPartitionBytes = 64 * 1024
const tickMs = 200
const backOff: BackOff = { firstMs: 250, longestMs: 3000, random: Math.random }
/** Some ten seconds, in which most brokers that are started again have answered; from then on their partitions wait, and say so. */
const toldFromAttempts = 8
const toldFromTicks = 50
const nameOf = ({ topic, partition }: FetchTarget): string => `${topic}/${partition}`
const stale = new Set<number>([brokerErrors.leaderNotAvailable, brokerErrors.notLeaderOrFollower])
const gone = new Set<number>([
  brokerErrors.unknownTopicOrPartition,
  brokerErrors.unknownTopicId,
  brokerErrors.inconsistentTopicId,
])

/** Reads ahead, one request at a time from each broker, and never more than `maxBufferedBytes` over all partitions. */
export function createFetcher(
  cluster: Cluster,
  options: { readonly maxBufferedBytes: number; readonly clock: Clock; readonly logger: Logger },
): Fetcher {
  const { clock, logger, maxBufferedBytes } = options
  const logEnds = createLogEnds(cluster, logger)
  /**
   * One of each partition: a request that names a partition twice is answered once, and the records asked for by the one would be taken
   * for the other's. The work on a lease that was lost may still be under way when the partition is assigned to this process again.
   */
  const targets = new Map<string, FetchTarget>()
  const loops = new Map<number, Promise<void>>()
  const stopping = new AbortController()
  /** Times in a row that the log of a partition has answered that it is elsewhere, or not there yet. */
  const misses = new WeakMap<FetchTarget, number>()
  const leaderless = new WeakMap<FetchTarget, number>()
  let turn = 0

  const wantedOf = (nodeId: number): FetchTarget[] => {
    const limit = maxBufferedBytes / Math.max(1, targets.size)
    const wanted = [...targets.values()].filter(
      ({ topic, partition, buffer }) =>
        !buffer.halted && buffer.bytes < limit && cluster.leaderOf(topic, partition) === nodeId,
    )
    // Each time from another one, or the first would leave no room for the rest.
    const from = turn++ % Math.max(1, wanted.length)
    return [...wanted.slice(from), ...wanted.slice(0, from)]
  }

  const fetch = async (nodeId: number, wanted: readonly FetchTarget[]): Promise<void> => {
    const limit = maxBufferedBytes / Math.max(1, targets.size)
    const asked = wanted.map(({ topicId, partition, buffer }) => {
      const room = Math.min(largestPartitionBytes, Math.floor(limit - buffer.bytes))
      return {
        topicId,
        partition,
        offset: buffer.next,
        maxBytes: Math.max(smallestPartitionBytes, room),
        era: buffer.era,
      }
    })
    const maxBytes = Math.min(largestFetchBytes, maxBufferedBytes)
    const answer = await request(nodeId, asked, maxBytes)
    for (const fetched of answer) {
      const at = wanted.findIndex(
        ({ topicId, partition }) => topicId === fetched.topicId && partition === fetched.partition,
      )
      const [target, params] = [wanted[at], asked[at]]
      if (target !== undefined && params !== undefined) await accept(target, fetched, params)
    }
  }

  const request = async (nodeId: number, partitions: readonly FetchPartition[], maxBytes: number) => {
    const timing = { purpose: 'fetch', timeoutMs: maxWaitMs + 15_000 } as const
    const answer = await cluster.callNode(nodeId, fetchApi, { maxWaitMs, maxBytes, partitions }, timing)
    if (answer.error !== brokerErrors.none) throw brokerError(answer.error, 'Read on the topics')
    return answer.partitions
  }

  const accept = async (
    target: FetchTarget,
    fetched: FetchedPartition,
    { offset, era }: { offset: bigint; era: number },
  ) => {
    const { buffer } = target
    try {
      await refuse(target, fetched.error, offset)
    } catch (error) {
      buffer.fail(asNinefoldError(error), era)
      target.onArrival()
      await logEnds.note(target)
      return
    }
    if (fetched.error !== brokerErrors.none) return
    misses.delete(target)
    const decoded = await decodeBatches(fetched.records, offset, fetched.aborted)
    buffer.accept(decoded, fetched.lastStableOffset, era)
    if (decoded.next !== null || decoded.failure !== null) target.onArrival()
  }

  const tellUnanswered = ({ buffer, onArrival }: FetchTarget, error: unknown): void => {
    buffer.unanswered(asNinefoldError(error))
    onArrival()
  }

  const pauseAfterMiss = (target: FetchTarget, error: number): Promise<void> => {
    const inRow = (misses.get(target) ?? 0) + 1
    misses.set(target, inRow)
    if (inRow >= toldFromAttempts) tellUnanswered(target, brokerError(error, `Read on topic ${target.topic}`))
    return clock.sleep(backOffMs(inRow, backOff), stopping.signal)
  }

  /** Throws what the reader has to hear of; a leader that moved is only looked up again. */
  const refuse = async (target: FetchTarget, error: number, offset: bigint): Promise<void> => {
    const { topic, partition, topicId } = target
    if (error === brokerErrors.none) return
    if (stale.has(error)) {
      await pauseAfterMiss(target, error)
      return cluster.refresh()
    }
    if (error === brokerErrors.offsetOutOfRange) throw await logEnds.positionLost(topic, partition, offset)
    if (gone.has(error)) {
      await cluster.refresh()
      const now = cluster.topics().get(topic)?.id
      if (now !== undefined && now !== topicId) throw topicChanged(topic)
      if (now === topicId) return pauseAfterMiss(target, error)
    }
    throw brokerError(error, `Read on topic ${topic}`)
  }

  /** Past the buffer. */
  const readFrom = async (target: FetchTarget, offset: bigint) => {
    const { topic, partition, topicId } = target
    const asked = [{ topicId, partition, offset, maxBytes: largestPartitionBytes }]
    const [fetched] = await request(cluster.leaderOf(topic, partition), asked, largestFetchBytes)
    if (fetched === undefined) throw new NinefoldError('BUS_BROKER_ERROR', `no answer for ${topic}/${partition}`)
    await refuse(target, fetched.error, offset)
    // The layout has been read anew; that there was nothing where it was looked for says nothing of the log.
    if (fetched.error !== brokerErrors.none) throw brokerError(fetched.error, `Read on topic ${topic}`)
    misses.delete(target)
    return { decoded: await decodeBatches(fetched.records, offset, fetched.aborted), end: fetched.lastStableOffset }
  }

  const loop = async (nodeId: number): Promise<void> => {
    for (let attempts = 0; ; ) {
      const wanted = wantedOf(nodeId)
      if (stopping.signal.aborted || wanted.length === 0) return
      try {
        await fetch(nodeId, wanted)
        attempts = 0
      } catch (error) {
        logger.debug({ err: error, nodeId }, 'a fetch had no answer')
        if (++attempts >= toldFromAttempts) for (const target of wanted) tellUnanswered(target, error)
        await clock.sleep(backOffMs(attempts, backOff), stopping.signal)
        await cluster.refresh().catch((failure: unknown) => {
          logger.debug({ err: failure }, 'the layout of the cluster could not be read')
        })
      }
    }
  }

  const kick = () => {
    if (stopping.signal.aborted) return
    for (const { topic, partition } of targets.values()) {
      const nodeId = cluster.leaderOf(topic, partition)
      if (nodeId < 0 || loops.has(nodeId) || wantedOf(nodeId).length === 0) continue
      loops.set(
        nodeId,
        loop(nodeId).finally(() => loops.delete(nodeId)),
      )
    }
  }
  /** Nobody can be asked for these, so nobody answers that it is so. */
  const tellLeaderless = () => {
    for (const target of targets.values()) {
      const ticks = cluster.leaderOf(target.topic, target.partition) < 0 ? (leaderless.get(target) ?? 0) + 1 : 0
      leaderless.set(target, ticks)
      if (ticks < toldFromTicks) continue
      tellUnanswered(target, brokerError(brokerErrors.leaderNotAvailable, `Read on topic ${target.topic}`))
    }
  }
  const ticking = (async () => {
    while (!stopping.signal.aborted) {
      kick()
      tellLeaderless()
      await clock.sleep(tickMs, stopping.signal)
    }
  })()

  return {
    add: target => {
      targets.set(nameOf(target), target)
      kick()
    },
    remove: target => {
      if (targets.get(nameOf(target)) === target) targets.delete(nameOf(target))
    },
    kick,
    bufferedBytes: () => [...targets.values()].reduce((sum, { buffer }) => sum + buffer.bytes, 0),
    earliestOffset: logEnds.first,
    readRange: async (target, first, last) => {
      const records: BusRecord[] = []
      for (let offset = first; offset <= last; ) {
        const { decoded, end } = await readFrom(target, offset)
        if (decoded.failure !== null && (decoded.next ?? offset) <= last) throw decoded.failure
        for (const record of decoded.records) if (record.offset <= last) records.push(record)
        if (decoded.next !== null) offset = decoded.next
        else if (end <= last) throw logEnds.tooShort(target, last, end)
      }
      logEnds.reached(target)
      const { topic, partition } = target
      logger.debug({ topic, partition, first, last, records: records.length }, 'a range was fetched again')
      return records
    },
    stop: async () => {
      stopping.abort()
      await Promise.all([ticking, ...loops.values()])
    },
  }
}
