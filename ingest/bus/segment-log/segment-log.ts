import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Clock, systemClock } from '../../../lib/clock.ts'
import { errnoOf, NinefoldError } from '../../../lib/errors.ts'
import { type Logger, silentLogger } from '../../../lib/logger.ts'
import { type Bus, type Consumer, type Producer, type Topic, type TopicPartition, topics } from '../bus.ts'
import { batchOf, lastWithin, recordsOf } from './batch.ts'
import { lockDirectory } from './directory-lock.ts'
import { openPositionFile, type PositionFile } from './position-file.ts'
import { nextOffset } from './segment.ts'
import { type SegmentLogLimits, TopicLog } from './topic-log.ts'

const MiB = 1024 * 1024

export const defaultSegmentLogLimits: SegmentLogLimits = {
  segmentBytes: 64 * MiB,
  maxRecordBytes: 96 * MiB,
  retentionBytes: 2048 * MiB,
  retentionSeconds: 86_400,
  maxUncommittedBytes: 16_384 * MiB,
}

interface OpenTopic {
  readonly log: TopicLog
  readonly position: PositionFile
}

/**
 * The bus on local disk: one partition a topic, segment files that the engine reads as they are, one owner a directory.
 * @throws DATA_DIR_LOCKED, DATA_DIR_NOT_WRITABLE, DISK_FULL.
 */
export async function openSegmentLog(options: {
  readonly directory: string
  readonly limits?: Partial<SegmentLogLimits>
  readonly clock?: Clock
  readonly logger?: Logger
}): Promise<Bus> {
  const { directory, clock = systemClock, logger = silentLogger } = options
  const limits = { ...defaultSegmentLogLimits, ...options.limits }
  createDirectory(directory)
  const unlock = lockDirectory(directory)
  const arrivals = createBell()
  const open = new Map<Topic, OpenTopic>()
  try {
    for (const topic of Object.values(topics)) {
      const folder = join(directory, topic)
      createDirectory(folder)
      const position = await openPositionFile(join(folder, 'position'))
      const firstOffset = position.current().next
      open.set(topic, {
        position,
        log: await TopicLog.open(folder, limits, { logger, onDurable: arrivals.ring, firstOffset }),
      })
    }
  } catch (error) {
    unlock()
    throw error
  }
  const topicOf = (topic: Topic): OpenTopic => {
    const found = open.get(topic)
    if (found === undefined) throw new NinefoldError('INTERNAL', `no topic ${topic}`)
    return found
  }

  return {
    producer: createProducer(open, topicOf),
    consumer: createConsumer(open, topicOf, arrivals, clock, logger),
    close: async () => {
      for (const { log, position } of open.values()) {
        await log.close()
        await position.close()
      }
      arrivals.ring()
      unlock()
    },
  }
}

function createDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true })
  } catch (error) {
    const errno = errnoOf(error)
    if (errno === 'ENOSPC') throw new NinefoldError('DISK_FULL', `no space to create ${directory}`, { cause: error })
    throw new NinefoldError('DATA_DIR_NOT_WRITABLE', `${directory} cannot be created (${errno ?? 'unknown'})`, {
      cause: error,
    })
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

function createConsumer(
  open: ReadonlyMap<Topic, OpenTopic>,
  topicOf: (topic: Topic) => OpenTopic,
  arrivals: Bell,
  clock: Clock,
  logger: Logger,
): Consumer {
  const segmentFor = (tp: TopicPartition, offset: bigint) => {
    const segment = topicOf(tp.topic).log.segmentOf(offset)
    if (segment === undefined) {
      throw new NinefoldError('BUS_POSITION_LOST', `${tp.topic} no longer has record ${offset}`)
    }
    return segment
  }
  return {
    assignments: () => [...open.keys()].map(topic => ({ topic, partition: 0 })),
    committed: tp => topicOf(tp.topic).position.current(),
    read: async (tp, from, bounds) => {
      if (from >= topicOf(tp.topic).log.endOffset) return null
      const segment = segmentFor(tp, from)
      return batchOf(tp, segment, from, lastWithin(segment, from, bounds))
    },
    readRange: async (tp, first, last) => {
      const segment = segmentFor(tp, first)
      if (last >= nextOffset(segment)) {
        throw new NinefoldError('BUS_POSITION_LOST', `${tp.topic} no longer has the records ${first}–${last} whole`)
      }
      return batchOf(tp, segment, first, last)
    },
    readRecords: (tp, first, last) => recordsOf(segmentFor(tp, first), first, last),
    commit: async (tp, position) => {
      const topic = topicOf(tp.topic)
      await topic.position.write(position)
      await topic.log.retain(position.next, clock.now()).catch(error => {
        logger.warn(
          { err: error, topic: tp.topic },
          'an old segment cannot be deleted; tried again after the next batch',
        )
      })
    },
    wait: (timeoutMs, signal) => arrivals.wait(timeoutMs, clock, signal),
  }
}

interface Bell {
  ring(): void
  wait(timeoutMs: number, clock: Clock, signal?: AbortSignal): Promise<void>
}

/** Wakes everybody who waits. */
function createBell(): Bell {
  let waiting = new Set<() => void>()
  return {
    ring: () => {
      const woken = waiting
      waiting = new Set()
      for (const wake of woken) wake()
    },
    wait: async (timeoutMs, clock, signal) => {
      const done = new AbortController()
      const wake = () => done.abort()
      waiting.add(wake)
      signal?.addEventListener('abort', wake, { once: true })
      await clock.sleep(timeoutMs, signal?.aborted === true ? signal : done.signal)
      signal?.removeEventListener('abort', wake)
      waiting.delete(wake)
    },
  }
}
