import { open } from 'node:fs/promises'
import { NinefoldError } from '../../../lib/errors.ts'
import type { BatchBounds, BusBatch, BusRecord, TopicPartition } from '../bus.ts'
import { diskError } from './disk-error.ts'
import { parseRecord } from './record-codec.ts'
import type { RecordIndex } from './record-index.ts'
import { nextOffset, type Segment } from './segment.ts'

const chunkBytes = 4 * 1024 * 1024

/** A segment whose index is at hand. */
export type IndexedSegment = Segment & { readonly index: RecordIndex }

/** The records `first`–`last` of one segment. */
export function batchOf(tp: TopicPartition, segment: IndexedSegment, first: bigint, last: bigint): BusBatch {
  if (first < segment.base || last >= nextOffset(segment)) {
    throw new NinefoldError('BUS_POSITION_LOST', `${tp.topic} no longer has the records ${first}–${last} whole`)
  }
  const { index } = segment
  const from = Number(first - segment.base)
  const to = Number(last - segment.base)
  return {
    ...tp,
    first,
    last,
    bytes: index.position(to + 1) - index.position(from),
    oldestReceivedAtMs: index.receivedAtMs(from),
    stage: (path, options) => stage(tp, segment, from, to, path, options?.append === true ? 'a' : 'w'),
  }
}

/** The longest run from `from` within the bounds and one segment; at least one record. A corrupt record ends a run or stands alone. */
export function lastWithin({ base, index }: IndexedSegment, from: bigint, bounds: BatchBounds): bigint {
  const first = Number(from - base)
  if (index.isCorrupt(first)) return from
  const limit = Math.min(index.length, first + bounds.maxRecords)
  let last = first
  while (last + 1 < limit) {
    if (index.isCorrupt(last + 1) || index.position(last + 2) - index.position(first) > bounds.maxBytes) break
    last++
  }
  return base + BigInt(last)
}

/** Copies the bytes and checks every record on the way: what the engine reads is what was acknowledged. */
async function stage(
  tp: TopicPartition,
  { path: segmentPath, base, index }: IndexedSegment,
  from: number,
  to: number,
  path: string,
  mode: 'a' | 'w',
): Promise<void> {
  const source = await open(segmentPath, 'r')
  try {
    const target = await open(path, mode)
    try {
      for (let begin = from; begin <= to; ) {
        let end = begin + 1
        while (end <= to && index.position(end + 1) - index.position(begin) <= chunkBytes) end++
        const position = index.position(begin)
        const bytes = Buffer.allocUnsafe(index.position(end) - position)
        await source.read(bytes, 0, bytes.length, position)
        for (let record = begin; record < end; record++) {
          const offset = base + BigInt(record)
          if (parseRecord(bytes, index.position(record) - position)?.offset !== offset) throw corrupt(tp, offset)
        }
        await target.writeFile(bytes)
        begin = end
      }
    } finally {
      await target.close()
    }
  } catch (error) {
    throw diskError(error, 'staging a batch')
  } finally {
    await source.close()
  }
}

function corrupt(tp: TopicPartition, offset: bigint): NinefoldError {
  const message = `record ${offset} of ${tp.topic} fails its checksum`
  return new NinefoldError('BUS_CORRUPT_RECORD', message, { details: { offset } })
}

/** Records one by one; a corrupt one is given as its raw bytes. */
export async function* recordsOf(segment: IndexedSegment, first: bigint, last: bigint): AsyncIterable<BusRecord> {
  const { base, index } = segment
  const file = await open(segment.path, 'r')
  try {
    for (let offset = first; offset <= last && offset < nextOffset(segment); offset++) {
      const at = Number(offset - base)
      const bytes = Buffer.alloc(index.position(at + 1) - index.position(at))
      await file.read(bytes, 0, bytes.length, index.position(at))
      const record = parseRecord(bytes, 0)
      if (record?.offset === offset) {
        const { receivedAtMs, source, payload } = record
        yield { offset, receivedAtMs, source, value: payload, corrupt: false }
      } else yield { offset, receivedAtMs: index.receivedAtMs(at), source: '', value: bytes, corrupt: true }
    }
  } finally {
    await file.close()
  }
}
