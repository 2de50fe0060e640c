import { quarantinedOffsets } from '../../store/queries/dead-letters.ts'
import { deadLetters } from '../../store/tables/dead-letters.ts'
import type { BusRecord } from '../bus/bus.ts'
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

/** Letters are inserted together up to this many, and up to this many bytes: a topic may be full of them. */
const mostTogether = 200
const mostBytesTogether = 8 * 1024 * 1024

/** Keeps the records' bytes, reason, time and source in dead_letters; the same record is kept once. */
export async function quarantine(partition: SinkPartition, letters: readonly DeadLetterDraft[]): Promise<void> {
  const { lease, parts } = partition
  let rows: DeadLetterRow[] = []
  let bytes = 0
  const flush = async () => {
    const [first, last] = [rows[0], rows.at(-1)]
    if (first === undefined || last === undefined) return
    const deduplicationToken = `dead-letter/${first.Id}/${last.Offset}/${rows.length}`
    await parts.writer.insert(deadLetters, rows, { deduplicationToken })
    rows = []
    bytes = 0
  }
  for (const letter of letters) {
    for await (const record of lease.readRecords(letter.offset, letter.offset)) {
      rows.push(rowOf(partition, letter, record))
      bytes += record.value.length
    }
    if (rows.length >= mostTogether || bytes >= mostBytesTogether) await flush()
    const { reason, message } = letter
    const id = `${idPrefix(partition)}${letter.offset}`
    parts.logger.error({ id, reason, detail: message }, 'a payload could not become rows; see `ninefold dead-letters`')
  }
  await flush()
}

function rowOf(partition: SinkPartition, { offset, reason, message }: DeadLetterDraft, record: BusRecord) {
  const { lease, parts } = partition
  const now = parts.clock.now()
  return {
    Id: `${idPrefix(partition)}${offset}`,
    Topic: lease.topic,
    Partition: lease.partition,
    Offset: offset,
    LogId: lease.logId,
    Reason: reason,
    Message: message.slice(0, longestMessage),
    Source: record.source,
    ReceivedAt: record.receivedAtMs,
    QuarantinedAt: now,
    State: 'quarantined' as const,
    Payload: Buffer.from(record.value).toString('base64'),
    Version: BigInt(now),
  }
}
type DeadLetterRow = ReturnType<typeof rowOf>

/** Offsets of the range that an earlier run has quarantined. */
export async function readQuarantined(partition: SinkPartition, { first, last }: OffsetRange): Promise<bigint[]> {
  const { lease, parts } = partition
  const where = { topic: lease.topic, partition: lease.partition, first, last, idPrefix: idPrefix(partition) }
  const rows = await parts.writer.query(quarantinedOffsets, where)
  return rows.map(({ offset }) => offset)
}
