import type { BatchIntent, Suspect } from '../bus/bus.ts'
import type { DeadLetterDraft } from './quarantine.ts'
import type { SinkPartition } from './sink-parts.ts'
import { dryRun } from './staging.ts'
import type { OffsetRange } from './steps.ts'

/** Starts in a row on the same single record after which it, and not chance, is what ends the process. */
const certainAfterTries = 3
/** Calm before a single record is tried again, times its tries. A process that is ended over and over for another reason mostly ends in it. */
const calmMs = 1000

/**
 * Looks for a record that takes the whole process down. Each part of the range is announced before it is tried, so the next start finds
 * the guilty part's name in the intent, tries smaller parts of it, and so comes down to one record: two starts for 20,000
 * records, and two more to be sure. Happens only after several starts in a row have ended inside the range.
 * @param found what the last start was trying when it ended.
 * @returns the record, when it has ended the process `certainAfterTries` times by itself.
 */
export async function findEngineKiller(
  partition: SinkPartition,
  intent: BatchIntent,
  found: Suspect | null,
  excluded: ReadonlySet<bigint>,
): Promise<DeadLetterDraft[]> {
  if (found !== null && found.first === found.last) {
    if (found.tries >= certainAfterTries) {
      const message = `the process ended ${found.tries} times in a row on this payload alone`
      return [{ offset: found.first, reason: 'SINK_ENGINE_CRASH', message }]
    }
    await partition.parts.clock.sleep(found.tries * calmMs, partition.lease.signal)
    await tryParts(partition, intent, [{ ...found, tries: found.tries + 1 }], excluded)
  } else if (found !== null) await tryParts(partition, intent, partsOf(found), excluded)
  await tryParts(partition, intent, partsOf(intent), excluded)
  return []
}

async function tryParts(
  partition: SinkPartition,
  intent: BatchIntent,
  suspects: readonly Suspect[],
  excluded: ReadonlySet<bigint>,
): Promise<void> {
  const { lease } = partition
  for (const suspect of suspects) {
    if (suspect.first === suspect.last && excluded.has(suspect.first)) continue
    await lease.commit({ next: intent.first, intent: { ...intent, suspect } })
    await partition.parts.onStep('before-probe')
    // A failure is as good as success here: the process lives, and the insert that follows will find the poison.
    await dryRun(partition, suspect, excluded)
  }
  await lease.commit({ next: intent.first, intent: { ...intent, suspect: null } })
}

/** About as many parts as each has records. */
function partsOf({ first, last }: OffsetRange): Suspect[] {
  const records = Number(last - first) + 1
  const size = BigInt(Math.max(1, Math.floor(Math.sqrt(records))))
  const parts: Suspect[] = []
  for (let from = first; from <= last; from += size) {
    const to = from + size - 1n
    parts.push({ first: from, last: to < last ? to : last, tries: 1 })
  }
  return parts
}
