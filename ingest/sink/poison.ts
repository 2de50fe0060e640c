import type { NinefoldError } from '../../lib/errors.ts'
import type { UnfitRecord } from '../bus/bus.ts'
import type { DeadLetterDraft } from './quarantine.ts'
import type { SinkPartition } from './sink-parts.ts'
import { dryRun, isPayloadFault } from './staging.ts'
import type { OffsetRange } from './steps.ts'

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
  const known = namedRecords(error)
  if (known.length > 0) return known
  const letters: DeadLetterDraft[] = []
  const search = async ({ first, last }: OffsetRange): Promise<void> => {
    const failure = await dryRun(partition, { first, last }, excluded)
    if (failure === undefined) return
    const named = namedRecords(failure)
    if (named.length > 0) letters.push(...named)
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

/** What the bus itself says of records of a range; the caller asks again without them. */
function namedRecords(error: NinefoldError): DeadLetterDraft[] {
  const { offset, records } = error.details
  if (error.code === 'BUS_CORRUPT_RECORD' && typeof offset === 'bigint') {
    return [{ offset, reason: error.code, message: error.message }]
  }
  if (error.code !== 'BUS_UNFIT_RECORDS' || !Array.isArray(records)) return []
  return (records as readonly UnfitRecord[]).map(({ offset: at, code, message }) => ({
    offset: at,
    reason: code,
    message,
  }))
}
