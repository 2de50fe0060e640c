import { open, stat } from 'node:fs/promises'
import { NinefoldError } from '../../../lib/errors.ts'
import type { BatchBounds, BusBatch, BusRecord, TopicPartition } from '../bus.ts'
import { stageRecords } from '../stage-records.ts'
import { diskError } from './disk-error.ts'
import { parseRecord } from './record-codec.ts'
import type { RecordIndex } from './record-index.ts'
import { nextOffset, type Segment } from './segment.ts'

const chunkBytes = 4 * 1024 * 1024

/** A segment whose index is at hand. */
export type IndexedSegment = Segment & { readonly index: RecordIndex }

/** The records `first`–`last` of one segment; one that is `closed` is not written to any more. */
export function batchOf(
  tp: TopicPartition,
  segment: IndexedSegment,
  first: bigint,
  last: bigint,
  closed: boolean,
): BusBatch {
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
    stage: async (path, options) => {
      if (options?.prepare !== undefined) {
        await stageRecords(await Array.fromAsync(recordsOf(segment, first, last)), path, options)
        return path
      }
      const append = options?.append === true
      if (!append && closed && (await isWhole(segment, from, to))) {
        await check(tp, segment, from, to, async () => undefined)
        return segment.path
      }
      await stage(tp, segment, from, to, path, append ? 'a' : 'w')
      return path
    },
  }
}

/** Whether the file holds these records and nothing else: not even the remains of a failed write. */
async function isWhole({ path, index }: IndexedSegment, from: number, to: number): Promise<boolean> {
  return from === 0 && to === index.length - 1 && (await stat(path)).size === index.end
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

/** Copies the records. */
async function stage(
  tp: TopicPartition,
  segment: IndexedSegment,
  from: number,
  to: number,
  path: string,
  mode: 'a' | 'w',
): Promise<void> {
  const target = await open(path, mode).catch(error => {
    throw diskError(error, 'staging a batch')
  })
  try {
    await check(tp, segment, from, to, bytes => target.writeFile(bytes))
  } finally {
    await target.close()
  }
}

/** Checks every record and hands on the bytes, which are good until it goes on: what the engine reads is what was acknowledged. */
async function check(
  tp: TopicPartition,
  { path, base, index }: IndexedSegment,
  from: number,
  to: number,
  take: (bytes: Buffer) => Promise<void>,
): Promise<void> {
  try {
    const source = await open(path, 'r')
    try {
      let buffer = Buffer.allocUnsafeSlow(Math.min(chunkBytes, index.position(to + 1) - index.position(from)))
      for (let begin = from; begin <= to; ) {
        let end = begin + 1
        while (end <= to && index.position(end + 1) - index.position(begin) <= chunkBytes) end++
        const position = index.position(begin)
        const length = index.position(end) - position
        if (length > buffer.length) buffer = Buffer.allocUnsafeSlow(length)
        const bytes = buffer.subarray(0, length)
        await source.read(bytes, 0, bytes.length, position)
        for (let record = begin; record < end; record++) {
          const offset = base + BigInt(record)
          if (parseRecord(bytes, index.position(record) - position)?.offset !== offset) throw corrupt(tp, offset)
        }
        await take(bytes)
        begin = end
      }
    } finally {
      await source.close()
    }
  } catch (error) {
    throw diskError(error, 'staging a batch')
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
