import type { NinefoldError } from '../../lib/errors.ts'
import type { DeadLetterDraft } from './quarantine.ts'
import type { SinkPartition } from './sink-parts.ts'
import { dryRun, isPayloadFault, type OffsetRange } from './staging.ts'

/**
 * The records of the range that make the engine fail, found by halving with dry runs; empty when the payloads are not at fault (then the
 * caller's error stands).
 */
export async function findPoison(
  partition: SinkPartition,
  range: OffsetRange,
  excluded: ReadonlySet<bigint>,
  error: unknown,
): Promise<DeadLetterDraft[]> {
  if (!isPayloadFault(error)) return []
  const known = corruptRecord(error)
  if (known !== undefined) return [known]
  const letters: DeadLetterDraft[] = []
  const search = async ({ first, last }: OffsetRange): Promise<void> => {
    const failure = await dryRun(partition, { first, last }, excluded)
    if (failure === undefined) return
    const corrupt = corruptRecord(failure)
    if (corrupt !== undefined) letters.push(corrupt)
    else if (first === last) {
      letters.push({ offset: first, reason: 'SINK_POISON_PAYLOAD', message: failure.message })
    } else {
      const middle = first + (last - first) / 2n
      await search({ first, last: middle })
      await search({ first: middle + 1n, last })
    }
  }
  await search(range)
  return letters
}

/** The bus names the first record of a range that fails its checksum; the caller asks again without it. */
function corruptRecord(error: NinefoldError): DeadLetterDraft | undefined {
  const { offset } = error.details
  if (error.code !== 'BUS_CORRUPT_RECORD' || typeof offset !== 'bigint') return undefined
  return { offset, reason: 'BUS_CORRUPT_RECORD', message: error.message }
}
