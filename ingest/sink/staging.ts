import { NinefoldError } from '../../lib/errors.ts'
import type { TopicPartition } from '../bus/bus.ts'
import type { SinkParts } from './sink-parts.ts'

/** The same range has the same token, whoever inserts it and however often. */
export function tokenOf(
  tp: TopicPartition,
  { first, last }: { readonly first: bigint; readonly last: bigint },
): string {
  return `${tp.topic}/${tp.partition}/${first}-${last}`
}

/** Stages the range, leaving out the excluded offsets. A range of nothing but excluded records is staged as an empty file. */
export async function stageWithout(
  parts: SinkParts,
  tp: TopicPartition,
  range: { readonly first: bigint; readonly last: bigint },
  excluded: ReadonlySet<bigint>,
  file: string,
): Promise<void> {
  const gaps = [...excluded]
    .filter(offset => offset >= range.first && offset <= range.last)
    .sort((a, b) => (a < b ? -1 : 1))
  await parts.emptyFile(file)
  let first = range.first
  for (const gap of [...gaps, range.last + 1n]) {
    if (first < gap) {
      const batch = await parts.consumer.readRange(tp, first, gap - 1n)
      await batch.stage(file, { append: true })
    }
    first = gap + 1n
  }
}

/** Whether the error says that the payload, and not the store, is at fault. */
export function isPayloadFault(error: unknown): boolean {
  return error instanceof NinefoldError && (error.code === 'STORE_QUERY_FAILED' || error.code === 'BUS_CORRUPT_RECORD')
}
