import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Clock, systemClock } from '../../../lib/clock.ts'
import { NinefoldError } from '../../../lib/errors.ts'
import { type Logger, silentLogger } from '../../../lib/logger.ts'
import { type Bus, type Consumer, type PartitionLease, type TopicPartition, topics } from '../bus.ts'
import { syncDirectory } from './append-file.ts'
import { batchOf, lastWithin, recordsOf } from './batch.ts'
import { type Bell, createBell } from './bell.ts'
import { lockDirectory } from './directory-lock.ts'
import { diskError } from './disk-error.ts'
import { type LogProducer, openProducer } from './log-producer.ts'
import { listSegments, PartitionLog, readSegments, type SegmentLogLimits } from './partition-log.ts'
import { openPositionFile, type PositionFile } from './position-file.ts'

const MiB = 1024 * 1024

export const defaultSegmentLogLimits: SegmentLogLimits = {
  segmentBytes: 64 * MiB,
  maxRecordBytes: 96 * MiB,
  groupBytes: 32 * MiB,
  maxInFlightBytes: 512 * MiB,
  retentionBytes: 2048 * MiB,
  retentionSeconds: 86_400,
  maxUncommittedBytes: 16_384 * MiB,
}

/**
 * An insert is mostly one thread, and the sink stores partitions side by side: with two, a backlog keeps two processors busy. While there is
 * none, everything goes to one of them.
 */
const partitionsATopic = 2

interface OpenPartition extends TopicPartition {
  readonly log: PartitionLog
  readonly position: PositionFile
  readonly arrivals: Bell
}

export type SegmentLog = Bus & LogProducer

/**
 * The bus on local disk: two partitions a topic, segment files that the engine reads as they are, one owner a directory. A payload that is
 * sent again within minutes is in it once.
 * @throws DATA_DIR_LOCKED, DATA_DIR_NOT_WRITABLE, DISK_FULL, BUS_POSITION_DAMAGED.
 */
export async function openSegmentLog(options: {
  readonly directory: string
  readonly limits?: Partial<SegmentLogLimits>
  readonly clock?: Clock
  readonly logger?: Logger
}): Promise<SegmentLog> {
  const { directory, clock = systemClock, logger = silentLogger } = options
  const limits = { ...defaultSegmentLogLimits, ...options.limits }
  const open: OpenPartition[] = []
  const closing = new AbortController()
  const closeAll = async () => {
    for (const { log, position } of open) {
      await log.close()
      await position.close()
    }
  }
  const unlock = ownDirectory(directory)
  let written: LogProducer
  try {
    for (const topic of Object.values(topics))
      for (let partition = 0; partition < partitionsATopic; partition++)
        open.push(await openPartition(directory, { topic, partition }, limits, logger))
    // The folders' own names must be durable before the first record is.
    await syncDirectory(directory)
    await syncDirectory(dirname(directory))
    written = await openProducer(open, { leadBytes: limits.segmentBytes, nowMs: clock.now(), logger })
  } catch (error) {
    await closeAll()
    unlock()
    throw diskError(error, `opening ${directory}`)
  }

  return {
    ...written,
    consumer: createConsumer(open, closing.signal, clock, logger),
    ping: async () => {
      if (closing.signal.aborted) throw new NinefoldError('BUS_CLOSED', 'the segment log is closed')
    },
    close: async () => {
      closing.abort()
      await closeAll()
      for (const { arrivals } of open) arrivals.ring()
      unlock()
    },
  }
}

function ownDirectory(directory: string): () => void {
  try {
    mkdirSync(directory, { recursive: true })
    return lockDirectory(directory)
  } catch (error) {
    throw diskError(error, `opening ${directory}`)
  }
}

async function openPartition(
  directory: string,
  tp: TopicPartition,
  limits: SegmentLogLimits,
  logger: Logger,
): Promise<OpenPartition> {
  const folder = join(directory, tp.partition === 0 ? tp.topic : `${tp.topic}.${tp.partition}`)
  mkdirSync(folder, { recursive: true })
  const names = await listSegments(folder)
  const position = await openPositionFile(join(folder, 'position'), names.length > 0)
  const arrivals = createBell()
  try {
    const segments = await readSegments(folder, names, position.current(), logger)
    const options = { limits: shareOf(limits), logger, onDurable: arrivals.ring }
    return { ...tp, log: new PartitionLog(folder, segments, options), position, arrivals }
  } catch (error) {
    await position.close()
    throw error
  }
}

/** What a topic may keep is shared by its partitions. */
function shareOf(limits: SegmentLogLimits): SegmentLogLimits {
  const { retentionBytes, maxUncommittedBytes } = limits
  return {
    ...limits,
    retentionBytes: retentionBytes / partitionsATopic,
    maxUncommittedBytes: maxUncommittedBytes / partitionsATopic,
  }
}

/** One owner a directory: a lease lasts until the log is closed. */
function leaseOf(
  { topic, partition, log, position, arrivals }: OpenPartition,
  parts: { readonly signal: AbortSignal; readonly clock: Clock; readonly logger: Logger },
): PartitionLease {
  const { signal, clock, logger } = parts
  const tp = { topic, partition }
  return {
    ...tp,
    id: 'owner',
    signal,
    logId: position.logId,
    positionOrigin: 'sink',
    committed: () => position.current(),
    endOffset: () => log.endOffset,
    read: async (from, bounds) => {
      if (from >= log.endOffset) return null
      const segment = await log.segmentOf(from)
      return batchOf(tp, segment, from, lastWithin(segment, from, bounds), log.isClosed(segment))
    },
    readRange: async (first, last) => {
      const segment = await log.segmentOf(first)
      return batchOf(tp, segment, first, last, log.isClosed(segment))
    },
    async *readRecords(first, last) {
      yield* recordsOf(await log.segmentOf(first), first, last)
    },
    commit: async next => {
      await position.write(next)
      try {
        await log.retain(next.next, clock.now())
      } catch (error) {
        logger.warn(
          { err: error, topic, partition },
          'an old segment cannot be deleted; tried again after the next batch',
        )
      }
    },
    wait: async (from, timeoutMs) => {
      if (from >= log.endOffset) await arrivals.wait(timeoutMs, clock, signal)
    },
  }
}

function createConsumer(open: readonly OpenPartition[], closing: AbortSignal, clock: Clock, logger: Logger) {
  const leases = (signal: AbortSignal) => open.map(partition => leaseOf(partition, { signal, clock, logger }))
  const consumer: Consumer = {
    shared: false,
    waiting: () => [],
    leases: () => leases(closing),
    run: async (work, signal) => {
      await Promise.all(leases(AbortSignal.any([closing, signal])).map(work))
    },
  }
  return consumer
}
