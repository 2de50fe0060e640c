import { open } from 'node:fs/promises'
import { parseRecord } from './record-codec.ts'

/** Where a record lies in its segment. A corrupt one has bytes but cannot be read as a record. */
export interface IndexEntry {
  readonly position: number
  readonly length: number
  readonly receivedAtMs: number
  readonly corrupt: boolean
}

/** One file of consecutive records, named by the offset of its first. `entries[i]` is the record `base + i`. */
export interface Segment {
  readonly path: string
  readonly base: bigint
  readonly entries: IndexEntry[]
  /** Bytes of whole records; what lies behind is not yet durable or was cut. */
  size: number
  /** When the newest record was received. */
  newestMs: number
}

export function segmentPath(directory: string, base: bigint): string {
  return `${directory}/${base.toString().padStart(20, '0')}.log`
}

export const nextOffset = (segment: Segment): bigint => segment.base + BigInt(segment.entries.length)

export function appendEntry(segment: Segment, entry: IndexEntry): void {
  segment.entries.push(entry)
  segment.size = entry.position + entry.length
  segment.newestMs = Math.max(segment.newestMs, entry.receivedAtMs)
}

/**
 * Reads a segment's index from its file. Bytes that are no record are told apart: with an intact record behind them they are corrupt
 * records (bit rot), kept and marked; with none behind them they are a torn tail, which the caller cuts off.
 */
export async function scanSegment(path: string, base: bigint): Promise<{ segment: Segment; tornBytes: number }> {
  const file = await open(path, 'r')
  try {
    const bytes = await file.readFile()
    const segment: Segment = { path, base, entries: [], size: 0, newestMs: 0 }
    let position = 0
    while (position < bytes.length) {
      const record = parseRecord(bytes, position)
      if (record !== undefined && record.offset === nextOffset(segment)) {
        const length = record.end - position
        appendEntry(segment, { position, length, receivedAtMs: record.receivedAtMs, corrupt: false })
        position = record.end
        continue
      }
      const found = findNextRecord(bytes, position + 1, nextOffset(segment))
      if (found === undefined) break
      markCorrupt(segment, position, found.position, found.offset)
      position = found.position
    }
    return { segment, tornBytes: bytes.length - position }
  } finally {
    await file.close()
  }
}

/** The next intact record of a later offset; a false match would need a matching checksum by chance. */
function findNextRecord(bytes: Buffer, from: number, after: bigint): { position: number; offset: bigint } | undefined {
  for (let position = from; position < bytes.length; position++) {
    const record = parseRecord(bytes, position)
    if (record !== undefined && record.offset > after) return { position, offset: record.offset }
  }
  return undefined
}

/** All bytes up to the next intact record belong to the first lost offset; further lost offsets have none left. */
function markCorrupt(segment: Segment, position: number, end: number, next: bigint): void {
  const receivedAtMs = segment.newestMs
  appendEntry(segment, { position, length: end - position, receivedAtMs, corrupt: true })
  while (nextOffset(segment) < next) appendEntry(segment, { position: end, length: 0, receivedAtMs, corrupt: true })
}
