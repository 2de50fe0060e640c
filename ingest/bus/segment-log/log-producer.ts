import { NinefoldError } from '../../../lib/errors.ts'
import type { Logger } from '../../../lib/logger.ts'
import { allKept, type Producer, type Topic, type TopicPartition, topics } from '../bus.ts'
import { identityOf, repeatWindowMs } from '../payload-identity.ts'
import type { PartitionLog } from './partition-log.ts'
import type { PositionFile } from './position-file.ts'
import { RecentPayloads, readRecentPayloads } from './recent-payloads.ts'

interface WrittenPartition extends TopicPartition {
  readonly log: PartitionLog
  readonly position: PositionFile
}

export interface LogProducer {
  readonly producer: Producer
  /** Payloads of the topic that were sent again since the log was opened, and are in it once. */
  repeats(topic: Topic): number
}

/**
 * Writes each payload once: what a former run wrote within the window is read again first.
 * @param leadBytes a topic's next record goes to another partition once the one that is written to is so much further behind.
 */
export async function openProducer(
  open: readonly WrittenPartition[],
  parts: { readonly leadBytes: number; readonly nowMs: number; readonly logger: Logger },
): Promise<LogProducer> {
  const { leadBytes, nowMs, logger } = parts
  const repeats = new Map<Topic, number>()
  const recent = new Map<Topic, RecentPayloads>()
  for (const topic of Object.values(topics)) {
    const logs = open.filter(partition => partition.topic === topic).map(({ log }) => log)
    // A payload that comes again may go to another partition of its topic.
    const found = await Promise.all(logs.map(({ segments }) => readRecentPayloads(segments, nowMs - repeatWindowMs)))
    recent.set(topic, new RecentPayloads(found.flat()))
  }
  const choose = createChoice(open, leadBytes)
  const onRepeat = (topic: Topic) => {
    repeats.set(topic, (repeats.get(topic) ?? 0) + 1)
    logger.debug({ topic }, 'a payload that was sent again is in the log once')
  }

  return {
    repeats: topic => repeats.get(topic) ?? 0,
    producer: {
      produce: async record => {
        const { topic, value, receivedAtMs } = record
        const write = () => {
          const { log, position } = choose(topic)
          return log.append(record, position.current().next)
        }
        const known = record.isDistinct === true ? undefined : recent.get(topic)
        if (known === undefined) await write()
        else await known.once({ identity: identityOf(value), receivedAtMs }, write, () => onRepeat(topic))
        return allKept
      },
      pressure: () => {
        let bytesInFlight = 0
        let lagBytes = 0
        let lagRecords = 0
        for (const partition of open) {
          const lag = lagOf(partition)
          bytesInFlight += partition.log.bytesInFlight
          lagBytes += lag.bytes
          lagRecords += lag.records
        }
        return { bytesInFlight, lagBytes, lagRecords }
      },
    },
  }
}

const lagOf = ({ log, position }: WrittenPartition) => log.lagFrom(position.current().next)

function createChoice(open: readonly WrittenPartition[], leadBytes: number): (topic: Topic) => WrittenPartition {
  const writtenTo = new Map<Topic, WrittenPartition>()
  return topic => {
    const partitions = open.filter(partition => partition.topic === topic)
    const [first] = partitions
    if (first === undefined) throw new NinefoldError('INTERNAL', `no topic ${topic}`)
    const current = writtenTo.get(topic) ?? first
    const lags = partitions.map(partition => ({ partition, bytes: lagOf(partition).bytes }))
    const least = lags.reduce((a, b) => (b.bytes < a.bytes ? b : a))
    const chosen = lagOf(current).bytes > least.bytes + leadBytes ? least.partition : current
    writtenTo.set(topic, chosen)
    return chosen
  }
}
