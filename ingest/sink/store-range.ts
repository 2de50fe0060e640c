import { sinkIntents } from '../../store/tables/sink-intents.ts'
import { sinkOffsets } from '../../store/tables/sink-offsets.ts'
import type { BatchIntent } from '../bus/bus.ts'
import { findPoison } from './poison.ts'
import { type DeadLetterDraft, quarantine } from './quarantine.ts'
import type { Repeats } from './repeats.ts'
import type { SinkPartition } from './sink-parts.ts'
import { isPayloadFault, stageWithout, tokenOf } from './staging.ts'
import { asTableFault } from './table-fault.ts'

interface RangeToStore {
  readonly intent: BatchIntent
  /** Records that are dead letters already; all that do not become rows are added. */
  readonly excluded: Set<bigint>
  /** Records that are to become dead letters. */
  readonly letters: readonly DeadLetterDraft[]
  /** Null where the log holds each payload once. */
  readonly repeats: Repeats | null
}

/**
 * The protocol: announce the range, insert it under its token, move the position.
 * @returns all that became dead letters.
 */
export async function storeRange(
  partition: SinkPartition,
  { intent, excluded, letters, repeats }: RangeToStore,
): Promise<readonly DeadLetterDraft[]> {
  const { parts, lease } = partition
  const { clock } = parts
  await parts.onStep('before-intent')
  await lease.commit({ next: intent.first, intent })
  await parts.onStep('after-intent')
  const batch = await lease.readRange(intent.first, intent.last)
  if (parts.consumer.shared) await announceInStore(partition, intent)
  const judged = (await repeats?.judge(intent)) ?? null
  await quarantine(partition, letters)
  for (const { offset } of letters) excluded.add(offset)
  for (const offset of judged?.repeats ?? []) excluded.add(offset)
  const all = [...letters, ...(await insertWithout(partition, intent, excluded))]
  await parts.onStep('after-insert')
  const token = tokenOf(partition, intent)
  const payloads = judged?.storedWithout(excluded)
  const row = {
    Topic: lease.topic,
    Partition: lease.partition,
    First: intent.first,
    Last: intent.last,
    Bytes: batch.bytes,
    Token: token,
    InsertedAt: clock.now(),
    Payloads: payloads?.identities,
    PayloadsReceivedAt: payloads?.receivedAtMs,
  }
  await parts.writer.insert(sinkOffsets, [row], { deduplicationToken: token })
  await parts.onStep('before-commit')
  await lease.commit({ next: intent.last + 1n, intent: null })
  if (payloads !== undefined) repeats?.stored(intent, payloads)
  parts.onStored()
  await parts.onStep('after-commit')
  const records = Number(intent.last - intent.first) + 1
  const repeated = judged?.repeats.length ?? 0
  if (repeated > 0) {
    const range = { topic: lease.topic, partition: lease.partition, first: intent.first, last: intent.last }
    parts.logger.info({ ...range, repeated }, 'payloads that were sent again are counted once')
  }
  const delayMs = clock.now() - batch.oldestReceivedAtMs
  parts.stats.stored(lease, { records, bytes: batch.bytes, delayMs, repeats: repeated })
  return all
}

/** Where others can move the position, the intent must be found even if the bus has forgotten it. */
async function announceInStore(partition: SinkPartition, { first: First, last: Last }: BatchIntent): Promise<void> {
  const { parts, lease } = partition
  const Token = tokenOf(partition, { first: First, last: Last })
  const row = { Topic: lease.topic, Partition: lease.partition, First, Last, Token, AnnouncedAt: parts.clock.now() }
  await parts.writer.insert(sinkIntents, [row], { deduplicationToken: `intent/${Token}` })
}

/** Poison is told by a dry run, taken out, and the rest goes in under the range's own token: a replay does the same again. */
async function insertWithout(
  partition: SinkPartition,
  intent: BatchIntent,
  excluded: Set<bigint>,
): Promise<DeadLetterDraft[]> {
  const { parts, inserts } = partition
  const all: DeadLetterDraft[] = []
  for (;;) {
    try {
      const file = await stageWithout(partition, intent, excluded)
      await parts.onStep('after-stage')
      for (const [index, insert] of inserts.entries()) {
        await parts.payloads.insertPayloads(insert, file, `${tokenOf(partition, intent)}/${insert.table}`)
        if (index === 0) await parts.onStep('after-first-insert')
      }
      return all
    } catch (error) {
      const letters = await findPoison(partition, intent, excluded, error)
      if (letters.length === 0) throw isPayloadFault(error) ? await asTableFault(partition, error) : error
      await quarantine(partition, letters)
      for (const letter of letters) {
        excluded.add(letter.offset)
        all.push(letter)
      }
    }
  }
}
