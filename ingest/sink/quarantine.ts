import { quarantinedOffsets } from '../../store/queries/dead-letters.ts'
import { deadLetters } from '../../store/tables/dead-letters.ts'
import type { BatchIntent, TopicPartition } from '../bus/bus.ts'
import type { SinkParts } from './sink-parts.ts'

/** A record that cannot become rows, and why. */
export interface DeadLetterDraft {
  readonly offset: bigint
  readonly reason: 'SINK_POISON_PAYLOAD' | 'SINK_ENGINE_CRASH' | 'BUS_CORRUPT_RECORD'
  readonly message: string
}

/** Keeps the records' bytes, reason, time and source in dead_letters; the same record is kept once. */
export async function quarantine(
  parts: SinkParts,
  tp: TopicPartition,
  letters: readonly DeadLetterDraft[],
): Promise<void> {
  for (const { offset, reason, message } of letters) {
    const now = parts.clock.now()
    for await (const record of parts.consumer.readRecords(tp, offset, offset)) {
      const id = `${tp.topic}-${tp.partition}-${offset}`
      const row = {
        Id: id,
        Topic: tp.topic,
        Partition: tp.partition,
        Offset: offset,
        Reason: reason,
        Message: message.slice(0, 2000),
        Source: record.source,
        ReceivedAt: record.receivedAtMs,
        QuarantinedAt: now,
        State: 'quarantined' as const,
        Payload: Buffer.from(record.value).toString('base64'),
        Version: BigInt(now),
      }
      await parts.writer.insert(deadLetters, [row], { deduplicationToken: `dead-letter/${id}` })
    }
    parts.stats.quarantined(tp, reason)
    parts.logger.error(
      { topic: tp.topic, offset, reason, detail: message },
      'a payload could not become rows; see dead-letters',
    )
  }
}

/** Offsets of the range that an earlier run has quarantined. */
export async function readQuarantined(
  parts: SinkParts,
  tp: TopicPartition,
  { first, last }: BatchIntent,
): Promise<bigint[]> {
  const rows = await parts.writer.query(quarantinedOffsets, { topic: tp.topic, partition: tp.partition, first, last })
  return rows.map(({ offset }) => offset)
}
