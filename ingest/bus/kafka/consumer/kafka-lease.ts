import type { Clock } from '../../../../lib/clock.ts'
import { NinefoldError } from '../../../../lib/errors.ts'
import type { BusBatch, BusRecord, CommittedPosition, PartitionLease, PositionOrigin, Topic } from '../../bus.ts'
import { createBell } from '../../segment-log/bell.ts'
import { stageRecords } from '../../stage-records.ts'
import type { FetchTarget } from './fetch-target.ts'
import { PartitionBuffer, sizeOfRecord } from './partition-buffer.ts'

/** What a lease is opened with: where it stands and how it commits and reads. */
export interface LeaseStart {
  readonly logId: string
  readonly origin: PositionOrigin
  readonly position: CommittedPosition
}

export interface LeaseDoors {
  /** Refused unless the lease's own generation is the group's. @throws BUS_LEASE_LOST, … */
  commit(position: CommittedPosition): Promise<void>
  readRange(target: FetchTarget, first: bigint, last: bigint): Promise<readonly BusRecord[]>
  /** False while a rebalance is under way: what is in hand is finished, nothing new begun. */
  mayBegin(): boolean
  /** The position has moved: there is room. */
  onCommitted(): void
}

export interface OpenLease {
  readonly lease: PartitionLease
  readonly target: FetchTarget
  /** Wakes whoever waits for records or for the gate. */
  wake(): void
}

/** The reading half of a lease; membership and fencing are its holder's (held-partition.ts). */
export function openLease(
  tp: { readonly topic: Topic; readonly partition: number; readonly id: string },
  start: LeaseStart,
  parts: { readonly signal: AbortSignal; readonly clock: Clock; readonly doors: LeaseDoors },
): OpenLease {
  const { topic, partition, id } = tp
  const { signal, clock, doors } = parts
  const buffer = new PartitionBuffer((start.position.intent ?? { first: start.position.next }).first)
  const bell = createBell()
  const target: FetchTarget = { topic, partition, topicId: start.logId, buffer, onArrival: bell.ring }
  let position = start.position

  const batchOf = (first: bigint, last: bigint, records: readonly BusRecord[]): BusBatch => ({
    topic,
    partition,
    first,
    last,
    bytes: records.reduce((sum, record) => sum + sizeOfRecord(record), 0),
    oldestReceivedAtMs: records[0]?.receivedAtMs ?? clock.now(),
    stage: async (path, options = {}) => {
      await stageRecords(records, path, options)
      return path
    },
  })
  const recordsOf = async (first: bigint, last: bigint) =>
    buffer.range(first, last) ?? (await doors.readRange(target, first, last))

  const lease: PartitionLease = {
    topic,
    partition,
    id,
    signal,
    logId: start.logId,
    positionOrigin: start.origin,
    committed: () => position,
    endOffset: () => buffer.end,
    read: async (from, bounds) => {
      if (!doors.mayBegin()) return null
      const records = buffer.run(from, bounds)
      const last = records.at(-1)
      if (last !== undefined) return batchOf(from, last.offset, records)
      const failure = buffer.takeFailure()
      if (failure !== null) throw failure
      return null
    },
    readRange: async (first, last) => batchOf(first, last, await recordsOf(first, last)),
    async *readRecords(first, last) {
      yield* await recordsOf(first, last)
    },
    commit: async next => {
      await doors.commit(next)
      position = next
      // What is behind an announced range is still needed until the range is stored.
      buffer.moveTo(next.intent?.first ?? next.next)
      doors.onCommitted()
    },
    wait: async (from, timeoutMs) => {
      if (doors.mayBegin() && buffer.hasFrom(from)) return
      await bell.wait(timeoutMs, clock, signal)
    },
  }
  return { lease, target, wake: bell.ring }
}

export function leaseLost(topic: string, partition: number): NinefoldError {
  return new NinefoldError(
    'BUS_LEASE_LOST',
    `${topic}/${partition} belongs to another member of the group, or to nobody`,
  )
}
