import { open } from 'node:fs/promises'
import { NinefoldError } from '../../../lib/errors.ts'
import type { BatchBounds, BusBatch, BusRecord, TopicPartition } from '../bus.ts'
import { parseRecord } from './record-codec.ts'
import type { Segment } from './segment.ts'

const chunkBytes = 4 * 1024 * 1024

/** The records `first`–`last` of one segment. */
export function batchOf(tp: TopicPartition, segment: Segment, first: bigint, last: bigint): BusBatch {
  const from = segment.entries[Number(first - segment.base)]
  const to = segment.entries[Number(last - segment.base)]
  if (from === undefined || to === undefined) {
    throw new NinefoldError('BUS_POSITION_LOST', `${tp.topic} no longer has the records ${first}–${last}`)
  }
  const start = from.position
  const end = to.position + to.length
  return {
    ...tp,
    first,
    last,
    bytes: end - start,
    oldestReceivedAtMs: from.receivedAtMs,
    stage: (path, options) => stage(tp, segment, first, { start, end }, path, options?.append === true ? 'a' : 'w'),
  }
}

/** The longest run from `from` within the bounds and one segment; at least one record. A corrupt record ends a run or stands alone. */
export function lastWithin(segment: Segment, from: bigint, bounds: BatchBounds): bigint {
  let index = Number(from - segment.base)
  const first = segment.entries[index]
  if (first === undefined || first.corrupt) return from
  const limit = Math.min(segment.entries.length, index + bounds.maxRecords)
  while (index + 1 < limit) {
    const next = segment.entries[index + 1]
    if (next === undefined || next.corrupt || next.position + next.length - first.position > bounds.maxBytes) break
    index++
  }
  return segment.base + BigInt(index)
}

/** Copies the bytes and checks every record on the way: what the engine reads is what was acknowledged. */
async function stage(
  tp: TopicPartition,
  segment: Segment,
  first: bigint,
  range: { start: number; end: number },
  path: string,
  mode: 'a' | 'w',
): Promise<void> {
  const source = await open(segment.path, 'r')
  const target = await open(path, mode).catch(async error => {
    await source.close()
    throw error
  })
  try {
    let index = Number(first - segment.base)
    let position = range.start
    while (position < range.end) {
      const begin = index
      while (
        index < segment.entries.length &&
        endOf(segment, index) <= range.end &&
        endOf(segment, index) - position <= chunkBytes
      )
        index++
      if (index === begin) index++
      const end = endOf(segment, index - 1)
      const bytes = Buffer.allocUnsafe(end - position)
      await source.read(bytes, 0, bytes.length, position)
      verifyChunk(tp, segment, begin, index, bytes, position)
      await target.write(bytes)
      position = end
    }
  } finally {
    await source.close()
    await target.close()
  }
}

function endOf(segment: Segment, index: number): number {
  const entry = segment.entries[index]
  return entry === undefined ? segment.size : entry.position + entry.length
}

function verifyChunk(
  tp: TopicPartition,
  segment: Segment,
  begin: number,
  end: number,
  bytes: Buffer,
  position: number,
): void {
  for (let index = begin; index < end; index++) {
    const entry = segment.entries[index]
    const offset = segment.base + BigInt(index)
    if (entry === undefined || entry.corrupt || parseRecord(bytes, entry.position - position)?.offset !== offset) {
      const message = `record ${offset} of ${tp.topic} fails its checksum`
      throw new NinefoldError('BUS_CORRUPT_RECORD', message, { details: { offset } })
    }
  }
}

/** Records one by one; a corrupt one is given as its raw bytes. */
export async function* recordsOf(segment: Segment, first: bigint, last: bigint): AsyncIterable<BusRecord> {
  const file = await open(segment.path, 'r')
  try {
    for (let offset = first; offset <= last; offset++) {
      const entry = segment.entries[Number(offset - segment.base)]
      if (entry === undefined) return
      const bytes = Buffer.alloc(entry.length)
      await file.read(bytes, 0, bytes.length, entry.position)
      const record = parseRecord(bytes, 0)
      if (record?.offset === offset) {
        yield {
          offset,
          receivedAtMs: record.receivedAtMs,
          source: record.source,
          value: record.payload,
          corrupt: false,
        }
      } else yield { offset, receivedAtMs: entry.receivedAtMs, source: '', value: bytes, corrupt: true }
    }
  } finally {
    await file.close()
  }
}
