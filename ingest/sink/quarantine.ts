import { quarantinedOffsets } from '../../store/queries/dead-letters.ts'
import { deadLetters } from '../../store/tables/dead-letters.ts'
import type { SinkPartition } from './sink-parts.ts'
import type { DeadLetterReason, OffsetRange } from './steps.ts'

/** A record that cannot become rows, and why. */
export interface DeadLetterDraft {
  readonly offset: bigint
  readonly reason: DeadLetterReason
  readonly message: string
}

const longestMessage = 2000

/** Dead letters are named by log and offset, so that those of a log made anew are others. */
const idPrefix = ({ lease }: SinkPartition) => `${lease.topic}-${lease.partition}-${lease.logId}-`

/** Keeps the records' bytes, reason, time and source in dead_letters; the same record is kept once. */
export async function quarantine(partition: SinkPartition, letters: readonly DeadLetterDraft[]): Promise<void> {
  const { lease, parts } = partition
  for (const { offset, reason, message } of letters) {
    const now = parts.clock.now()
    const id = `${idPrefix(partition)}${offset}`
    for await (const record of lease.readRecords(offset, offset)) {
      const row = {
        Id: id,
        Topic: lease.topic,
        Partition: lease.partition,
        Offset: offset,
        Reason: reason,
        Message: message.slice(0, longestMessage),
        Source: record.source,
        ReceivedAt: record.receivedAtMs,
        QuarantinedAt: now,
        State: 'quarantined' as const,
        Payload: Buffer.from(record.value).toString('base64'),
        Version: BigInt(now),
      }
      await parts.writer.insert(deadLetters, [row], { deduplicationToken: `dead-letter/${id}` })
    }
    parts.logger.error({ id, reason, detail: message }, 'a payload could not become rows; see `ninefold dead-letters`')
  }
}

/** Offsets of the range that an earlier run has quarantined. */
export async function readQuarantined(partition: SinkPartition, { first, last }: OffsetRange): Promise<bigint[]> {
  const { lease, parts } = partition
  const where = { topic: lease.topic, partition: lease.partition, first, last, idPrefix: idPrefix(partition) }
  const rows = await parts.writer.query(quarantinedOffsets, where)
  return rows.map(({ offset }) => offset)
}
