import { NinefoldError } from '../../lib/errors.ts'
import type { PayloadInsert } from '../../store/client/store.ts'
import type { BatchIntent, TopicPartition } from '../bus/bus.ts'
import { type DeadLetterDraft, quarantine } from './quarantine.ts'
import type { SinkParts } from './sink-parts.ts'
import { isPayloadFault, stageWithout } from './staging.ts'

interface Range {
  readonly first: bigint
  readonly last: bigint
}

/**
 * The records of the range that make the engine fail, found by halving with dry runs; empty when the payloads are not at fault (then the
 * caller's error stands).
 */
export async function findPoison(
  parts: SinkParts,
  tp: TopicPartition,
  inserts: readonly PayloadInsert[],
  range: Range,
  excluded: ReadonlySet<bigint>,
  file: string,
  error: unknown,
): Promise<DeadLetterDraft[]> {
  if (!isPayloadFault(error)) return []
  const corrupt = corruptOffset(error)
  if (corrupt !== undefined) return [{ offset: corrupt, reason: 'BUS_CORRUPT_RECORD', message: messageOf(error) }]
  const letters: DeadLetterDraft[] = []
  const search = async (part: Range): Promise<void> => {
    const failure = await dryRun(parts, tp, inserts, part, excluded, file)
    if (failure === undefined) return
    const offset = corruptOffset(failure)
    if (offset !== undefined) {
      letters.push({ offset, reason: 'BUS_CORRUPT_RECORD', message: messageOf(failure) })
      return
    }
    if (part.first === part.last) {
      letters.push({ offset: part.first, reason: 'SINK_POISON_PAYLOAD', message: messageOf(failure) })
      return
    }
    const middle = part.first + (part.last - part.first) / 2n
    await search({ first: part.first, last: middle })
    await search({ first: middle + 1n, last: part.last })
  }
  await search(range)
  return letters
}

/**
 * Tries each record by itself, announcing it first: if the engine takes the process down, the next start finds the culprit's name in the
 * intent. Costs one small query a record and happens only after two starts in a row ended inside this range.
 */
export async function probeOneByOne(
  parts: SinkParts,
  tp: TopicPartition,
  inserts: readonly PayloadInsert[],
  intent: BatchIntent,
  excluded: Set<bigint>,
  file: string,
): Promise<void> {
  const { next } = parts.consumer.committed(tp)
  for (let offset = intent.first; offset <= intent.last; offset++) {
    if (excluded.has(offset)) continue
    await parts.consumer.commit(tp, { next, intent: { ...intent, suspect: offset } })
    await parts.onStep('before-probe', offset)
    const failure = await dryRun(parts, tp, inserts, { first: offset, last: offset }, excluded, file)
    if (failure === undefined) continue
    const reason = corruptOffset(failure) === undefined ? 'SINK_POISON_PAYLOAD' : 'BUS_CORRUPT_RECORD'
    await quarantine(parts, tp, [{ offset, reason, message: messageOf(failure) }])
    excluded.add(offset)
  }
  await parts.consumer.commit(tp, { next, intent: { ...intent, suspect: null } })
}

/** The error that the payloads of the range cause, or undefined. Errors of the store itself are thrown. */
async function dryRun(
  parts: SinkParts,
  tp: TopicPartition,
  inserts: readonly PayloadInsert[],
  range: Range,
  excluded: ReadonlySet<bigint>,
  file: string,
): Promise<unknown> {
  try {
    await stageWithout(parts, tp, range, excluded, file)
    for (const insert of inserts) await parts.payloads.checkPayloads(insert, file)
    return undefined
  } catch (error) {
    if (isPayloadFault(error)) return error
    throw error
  }
}

function corruptOffset(error: unknown): bigint | undefined {
  if (!(error instanceof NinefoldError) || error.code !== 'BUS_CORRUPT_RECORD') return undefined
  return typeof error.details.offset === 'bigint' ? error.details.offset : undefined
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
