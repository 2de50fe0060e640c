import { NinefoldError } from '../../../../lib/errors.ts'
import type { Logger } from '../../../../lib/logger.ts'
import type { Cluster } from '../cluster.ts'
import { brokerError } from '../connection-errors.ts'
import { brokerErrors } from '../protocol/error-codes.ts'
import { earliest, latest, listOffsetsApi } from '../protocol/offsets.ts'
import type { FetchTarget } from './fetch-target.ts'

/** Where the logs of partitions begin and end, asked for: it takes the right to describe them, and none to read. */
export interface LogEnds {
  first(topic: string, partition: number): Promise<bigint>
  /** How far behind a partition is that cannot be read. */
  note(target: FetchTarget): Promise<void>
  /**
   * What it means that the log ends before the end of a range that was announced. A new leader tells an earlier end at first, until it has heard from
   * the others: only when that lasts were the records cut off.
   */
  tooShort(target: FetchTarget, last: bigint, end: bigint): NinefoldError
  /** A range could be read to its end. */
  reached(target: FetchTarget): void
  /** What it means that `offset` is out of the log's range. */
  positionLost(topic: string, partition: number, offset: bigint): Promise<NinefoldError>
}

/** Longer than a follower may be behind the leader and still be called in sync (`replica.lag.time.max.ms`). */
const cutAfterMs = 35_000

export function createLogEnds(cluster: Cluster, logger: Logger): LogEnds {
  const find = async (topic: string, partition: number, timestamp: bigint): Promise<bigint> => {
    const leader = cluster.leaderOf(topic, partition)
    const found = await cluster.callNode(leader, listOffsetsApi, { topic, partition, timestamp })
    if (found.error !== brokerErrors.none) throw brokerError(found.error, `Describe on topic ${topic}`)
    return found.offset
  }
  const shortSinceMs = new WeakMap<FetchTarget, number>()
  return {
    tooShort: (target, last, end) => {
      const name = `${target.topic}/${target.partition}`
      const sinceMs = shortSinceMs.get(target) ?? performance.now()
      shortSinceMs.set(target, sinceMs)
      if (performance.now() - sinceMs <= cutAfterMs) {
        return new NinefoldError(
          'BUS_BROKER_ERROR',
          `${name} ends at ${end} now, before the end ${last} of what was announced`,
        )
      }
      return new NinefoldError(
        'BUS_POSITION_LOST',
        `${name} was cut at ${end}, before the end ${last} of what was announced`,
      )
    },
    reached: target => void shortSinceMs.delete(target),
    first: (topic, partition) => find(topic, partition, earliest),
    note: async ({ topic, partition, topicId, buffer }) => {
      // Asked for by name: the offsets of another log mean other records.
      if (cluster.topics().get(topic)?.id !== topicId) return
      try {
        buffer.noteEnd(await find(topic, partition, latest))
      } catch (error) {
        logger.debug({ err: error, topic, partition }, 'the end of a partition is not known')
      }
    },
    positionLost: async (topic, partition, offset) => {
      const [first, end] = [await find(topic, partition, earliest), await find(topic, partition, latest)]
      const name = `${topic}/${partition}`
      const message =
        offset < first
          ? `${name} begins at ${first} now: the records from ${offset} on were deleted before they were stored`
          : `${name} ends at ${end}, before the position ${offset}: the log was cut, and its offsets mean other records`
      return new NinefoldError('BUS_POSITION_LOST', message, { details: { next: first } })
    },
  }
}
