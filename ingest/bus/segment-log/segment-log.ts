import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Clock, systemClock } from '../../../lib/clock.ts'
import { NinefoldError } from '../../../lib/errors.ts'
import { type Logger, silentLogger } from '../../../lib/logger.ts'
import { type Bus, type Consumer, type PartitionLease, type Producer, type Topic, topics } from '../bus.ts'
import { syncDirectory } from './append-file.ts'
import { batchOf, lastWithin, recordsOf } from './batch.ts'
import { type Bell, createBell } from './bell.ts'
import { lockDirectory } from './directory-lock.ts'
import { diskError } from './disk-error.ts'
import { openPositionFile, type PositionFile } from './position-file.ts'
import { listSegments, readSegments, type SegmentLogLimits, TopicLog } from './topic-log.ts'

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

interface OpenTopic {
  readonly log: TopicLog
  readonly position: PositionFile
  readonly arrivals: Bell
}

/**
 * The bus on local disk: one partition a topic, segment files that the engine reads as they are, one owner a directory.
 * @throws DATA_DIR_LOCKED, DATA_DIR_NOT_WRITABLE, DISK_FULL, BUS_POSITION_DAMAGED.
 */
export async function openSegmentLog(options: {
  readonly directory: string
  readonly limits?: Partial<SegmentLogLimits>
  readonly clock?: Clock
  readonly logger?: Logger
}): Promise<Bus> {
  const { directory, clock = systemClock, logger = silentLogger } = options
  const limits = { ...defaultSegmentLogLimits, ...options.limits }
  const open = new Map<Topic, OpenTopic>()
  const closing = new AbortController()
  const closeAll = async () => {
    for (const { log, position } of open.values()) {
      await log.close()
      await position.close()
    }
  }
  const unlock = ownDirectory(directory)
  try {
    for (const topic of Object.values(topics)) open.set(topic, await openTopic(join(directory, topic), limits, logger))
    // The folders' own names must be durable before the first record is.
    await syncDirectory(directory)
    await syncDirectory(dirname(directory))
  } catch (error) {
    await closeAll()
    unlock()
    throw diskError(error, `opening ${directory}`)
  }
  const topicOf = (topic: Topic): OpenTopic => {
    const found = open.get(topic)
    if (found === undefined) throw new NinefoldError('INTERNAL', `no topic ${topic}`)
    return found
  }

  return {
    producer: createProducer(open, topicOf),
    consumer: createConsumer(open, closing.signal, clock, logger),
    ping: async () => {
      if (closing.signal.aborted) throw new NinefoldError('BUS_CLOSED', 'the segment log is closed')
    },
    close: async () => {
      closing.abort()
      await closeAll()
      for (const { arrivals } of open.values()) arrivals.ring()
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

async function openTopic(folder: string, limits: SegmentLogLimits, logger: Logger): Promise<OpenTopic> {
  mkdirSync(folder, { recursive: true })
  const names = await listSegments(folder)
  const position = await openPositionFile(join(folder, 'position'), names.length > 0)
  const arrivals = createBell()
  try {
    const segments = await readSegments(folder, names, position.current(), logger)
    return { log: new TopicLog(folder, segments, { limits, logger, onDurable: arrivals.ring }), position, arrivals }
  } catch (error) {
    await position.close()
    throw error
  }
}

function createProducer(open: ReadonlyMap<Topic, OpenTopic>, topicOf: (topic: Topic) => OpenTopic): Producer {
  return {
    produce: record => {
      const { log, position } = topicOf(record.topic)
      return log.append(record, position.current().next)
    },
    pressure: () => {
      let bytesInFlight = 0
      let lagBytes = 0
      let lagRecords = 0
      for (const { log, position } of open.values()) {
        const lag = log.lagFrom(position.current().next)
        bytesInFlight += log.bytesInFlight
        lagBytes += lag.bytes
        lagRecords += lag.records
      }
      return { bytesInFlight, lagBytes, lagRecords }
    },
  }
}

/** One owner a directory: a lease lasts until the log is closed. */
function leaseOf(
  topic: Topic,
  { log, position, arrivals }: OpenTopic,
  parts: { readonly signal: AbortSignal; readonly clock: Clock; readonly logger: Logger },
): PartitionLease {
  const { signal, clock, logger } = parts
  const tp = { topic, partition: 0 }
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
      return batchOf(tp, segment, from, lastWithin(segment, from, bounds))
    },
    readRange: async (first, last) => batchOf(tp, await log.segmentOf(first), first, last),
    async *readRecords(first, last) {
      yield* recordsOf(await log.segmentOf(first), first, last)
    },
    commit: async next => {
      await position.write(next)
      try {
        await log.retain(next.next, clock.now())
      } catch (error) {
        logger.warn({ err: error, topic }, 'an old segment cannot be deleted; tried again after the next batch')
      }
    },
    wait: async (from, timeoutMs) => {
      if (from >= log.endOffset) await arrivals.wait(timeoutMs, clock, signal)
    },
  }
}

function createConsumer(open: ReadonlyMap<Topic, OpenTopic>, closing: AbortSignal, clock: Clock, logger: Logger) {
  const leases = (signal: AbortSignal) =>
    [...open].map(([topic, parts]) => leaseOf(topic, parts, { signal, clock, logger }))
  const consumer: Consumer = {
    shared: false,
    leases: () => leases(closing),
    run: async (work, signal) => {
      await Promise.all(leases(AbortSignal.any([closing, signal])).map(work))
    },
  }
  return consumer
}
