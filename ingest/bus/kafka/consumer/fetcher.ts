import type { Clock } from '../../../../lib/clock.ts'
import { asNinefoldError, NinefoldError } from '../../../../lib/errors.ts'
import type { Logger } from '../../../../lib/logger.ts'
import type { BusRecord } from '../../bus.ts'
import type { Cluster } from '../cluster.ts'
import { brokerError } from '../connection-errors.ts'
import { decodeBatches } from '../protocol/decode-batches.ts'
import { brokerErrors } from '../protocol/error-codes.ts'
import { type FetchedPartition, type FetchPartition, fetchApi } from '../protocol/fetch.ts'
import { earliest, latest, listOffsetsApi } from '../protocol/offsets.ts'
import { type PartitionBuffer, sizeOfRecord } from './partition-buffer.ts'

/** One partition of one log that is read ahead. */
export interface FetchTarget {
  readonly topic: string
  readonly partition: number
  readonly topicId: string
  readonly buffer: PartitionBuffer
  onArrival(): void
}

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
const pauseMs = 500
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
  /**
   * One of each partition: a request that names a partition twice is answered once, and the records asked for by the one would be taken
   * for the other's. The work on a lease that was lost may still be under way when the partition is assigned to this process again.
   */
  const targets = new Map<string, FetchTarget>()
  const loops = new Map<number, Promise<void>>()
  const stopping = new AbortController()
  let turn = 0

  const wantedOf = (nodeId: number): FetchTarget[] => {
    const limit = maxBufferedBytes / Math.max(1, targets.size)
    const wanted = [...targets.values()].filter(
      ({ topic, partition, buffer }) =>
        !buffer.failed && buffer.bytes < limit && cluster.leaderOf(topic, partition) === nodeId,
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
      return
    }
    if (fetched.error !== brokerErrors.none) return
    const decoded = await decodeBatches(fetched.records, offset, fetched.aborted)
    buffer.accept(decoded, fetched.lastStableOffset, era)
    if (decoded.next !== null || decoded.failure !== null) target.onArrival()
  }

  /** Throws what the reader has to hear of; a leader that moved is only looked up again. */
  const refuse = async ({ topic, partition, topicId }: FetchTarget, error: number, offset: bigint): Promise<void> => {
    if (error === brokerErrors.none) return
    if (stale.has(error)) {
      await clock.sleep(pauseMs, stopping.signal)
      return cluster.refresh()
    }
    if (error === brokerErrors.offsetOutOfRange) throw await positionLost(topic, partition, offset)
    if (gone.has(error)) {
      await cluster.refresh()
      const now = cluster.topics().get(topic)?.id
      if (now !== undefined && now !== topicId) throw topicChanged(topic)
      if (now === topicId) return clock.sleep(pauseMs, stopping.signal)
    }
    throw brokerError(error, `Read on topic ${topic}`)
  }

  const listOffset = async (topic: string, partition: number, timestamp: bigint): Promise<bigint> => {
    const found = await cluster.callNode(cluster.leaderOf(topic, partition), listOffsetsApi, {
      topic,
      partition,
      timestamp,
    })
    if (found.error !== brokerErrors.none) throw brokerError(found.error, `Describe on topic ${topic}`)
    return found.offset
  }

  const positionLost = async (topic: string, partition: number, offset: bigint): Promise<NinefoldError> => {
    const [first, end] = [await listOffset(topic, partition, earliest), await listOffset(topic, partition, latest)]
    const name = `${topic}/${partition}`
    const message =
      offset < first
        ? `${name} begins at ${first} now: the records from ${offset} on were deleted before they were stored`
        : `${name} ends at ${end}, before the position ${offset}: the log was cut, and its offsets mean other records`
    return new NinefoldError('BUS_POSITION_LOST', message, { details: { next: first } })
  }

  const loop = async (nodeId: number): Promise<void> => {
    for (;;) {
      const wanted = wantedOf(nodeId)
      if (stopping.signal.aborted || wanted.length === 0) return
      try {
        await fetch(nodeId, wanted)
      } catch (error) {
        logger.debug({ err: error, nodeId }, 'a fetch had no answer')
        await clock.sleep(pauseMs * (0.5 + Math.random()), stopping.signal)
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
  const ticking = (async () => {
    while (!stopping.signal.aborted) {
      kick()
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
    earliestOffset: (topic, partition) => listOffset(topic, partition, earliest),
    readRange: async (target, first, last) => {
      const { topic, partition, topicId } = target
      const records: BusRecord[] = []
      let bytes = 0
      for (let offset = first; offset <= last; ) {
        const asked = [{ topicId, partition, offset, maxBytes: largestPartitionBytes }]
        const [fetched] = await request(cluster.leaderOf(topic, partition), asked, largestFetchBytes)
        if (fetched === undefined) throw new NinefoldError('BUS_BROKER_ERROR', `no answer for ${topic}/${partition}`)
        await refuse(target, fetched.error, offset)
        const decoded = await decodeBatches(fetched.records, offset, fetched.aborted)
        if (decoded.failure !== null && (decoded.next ?? offset) <= last) throw decoded.failure
        for (const record of decoded.records) if (record.offset <= last) records.push(record)
        bytes += decoded.records.reduce((sum, record) => sum + sizeOfRecord(record), 0)
        if (decoded.next !== null) offset = decoded.next
        else if (fetched.lastStableOffset <= last) throw cutShort(topic, partition, first, last)
      }
      logger.debug({ topic, partition, first, last, bytes }, 'a range was fetched again')
      return records
    },
    stop: async () => {
      stopping.abort()
      await Promise.all([ticking, ...loops.values()])
    },
  }
}

function cutShort(topic: string, partition: number, first: bigint, last: bigint): NinefoldError {
  return new NinefoldError(
    'BUS_POSITION_LOST',
    `${topic}/${partition} no longer has the records ${first}–${last} whole`,
  )
}

export function topicChanged(topic: string): NinefoldError {
  return new NinefoldError('BUS_TOPIC_CHANGED', `${topic} is not the topic that the committed position means`)
}
