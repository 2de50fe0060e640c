import { writeFile } from 'node:fs/promises'
import { type ErrorCode, NinefoldError } from '../../lib/errors.ts'
import type { SinkPartition } from './sink-parts.ts'
import type { OffsetRange } from './steps.ts'

/** Begins the tokens of all ranges of one log. */
export function tokenPrefixOf({ lease }: SinkPartition): string {
  return `${lease.topic}/${lease.partition}/${lease.logId}/`
}

/** The same range of the same log has the same token, whoever inserts it and however often. */
export function tokenOf(partition: SinkPartition, { first, last }: OffsetRange): string {
  return `${tokenPrefixOf(partition)}${first}-${last}`
}

/**
 * Stages the range, leaving out the excluded offsets. A range of nothing but excluded records is staged as an empty file.
 * @returns the file that holds it.
 */
export async function stageWithout(
  { lease, stagedFile, stageOptions }: SinkPartition,
  range: OffsetRange,
  excluded: ReadonlySet<bigint>,
): Promise<string> {
  const gaps = [...excluded]
    .filter(offset => offset >= range.first && offset <= range.last)
    .sort((a, b) => (a < b ? -1 : 1))
  if (gaps.length === 0) return (await lease.readRange(range.first, range.last)).stage(stagedFile, stageOptions)
  let first = range.first
  await writeFile(stagedFile, '')
  for (const gap of [...gaps, range.last + 1n]) {
    if (first < gap) {
      const batch = await lease.readRange(first, gap - 1n)
      await batch.stage(stagedFile, { ...stageOptions, append: true })
    }
    first = gap + 1n
  }
  return stagedFile
}

const payloadFaults = new Set<ErrorCode>(['STORE_QUERY_FAILED', 'BUS_CORRUPT_RECORD', 'BUS_UNFIT_RECORDS'])

/** Whether the error says that the payload, and not the store, is at fault. */
export function isPayloadFault(error: unknown): error is NinefoldError {
  return error instanceof NinefoldError && payloadFaults.has(error.code)
}

/** The error that the payloads of the range cause, or undefined. Nothing is stored. Errors of the store itself are thrown. */
export async function dryRun(
  partition: SinkPartition,
  range: OffsetRange,
  excluded: ReadonlySet<bigint>,
): Promise<NinefoldError | undefined> {
  try {
    const file = await stageWithout(partition, range, excluded)
    for (const insert of partition.inserts) await partition.parts.payloads.checkPayloads(insert, file)
    return undefined
  } catch (error) {
    if (isPayloadFault(error)) return error
    throw error
  }
}
