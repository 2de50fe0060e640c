import { readFile, stat } from 'node:fs/promises'
import { endOfFrame, parseRecord, shortestRecordBytes } from './record-codec.ts'
import { RecordIndex } from './record-index.ts'

/** One file of consecutive records, named by the offset of its first. */
export interface Segment {
  readonly path: string
  readonly base: bigint
  /** How many records it holds. */
  count: number
  /** Bytes of whole records; what lies behind is not yet durable or was cut. */
  size: number
  /** When the newest record was received, or written where the records were not read. */
  newestMs: number
  /** Null for a segment that the sink has committed: it is read again only when somebody asks for it. */
  index: RecordIndex | null
}

export function segmentPath(directory: string, base: bigint): string {
  return `${directory}/${base.toString().padStart(20, '0')}.log`
}

export const nextOffset = (segment: Segment): bigint => segment.base + BigInt(segment.count)

export function newSegment(directory: string, base: bigint): Segment {
  return { path: segmentPath(directory, base), base, count: 0, size: 0, newestMs: 0, index: new RecordIndex() }
}

/** A segment whose records the sink has committed, without reading it: the next one's name says how many there are. */
export async function committedSegment(path: string, base: bigint, next: bigint): Promise<Segment> {
  const { size, mtimeMs } = await stat(path)
  return { path, base, count: Number(next - base), size, newestMs: mtimeMs, index: null }
}

/** A segment with its index read from the file. @returns also the length of a torn tail, which the caller cuts off. */
export async function scanSegment(
  path: string,
  base: bigint,
  closed: boolean,
): Promise<{ segment: Segment; tornBytes: number }> {
  const bytes = await readFile(path)
  const index = indexRecords(bytes, base, closed)
  const newestMs = index.length === 0 ? 0 : index.receivedAtMs(index.length - 1)
  const segment = { path, base, count: index.length, size: index.end, newestMs, index }
  return { segment, tornBytes: bytes.length - index.end }
}

/**
 * Bytes that are no intact record are told apart. With an intact record behind them, or framed as a whole record, or in a closed segment,
 * they are corrupt records (bit rot): kept and marked. Otherwise they are the torn tail of a group whose senders had no answer yet.
 */
function indexRecords(bytes: Buffer, base: bigint, closed: boolean): RecordIndex {
  const index = new RecordIndex()
  let newestMs = 0
  while (index.end < bytes.length) {
    const position = index.end
    const expected = base + BigInt(index.length)
    const record = parseRecord(bytes, position)
    if (record?.offset === expected) {
      newestMs = Math.max(newestMs, record.receivedAtMs)
      index.add(record.end - position, record.receivedAtMs)
      continue
    }
    const framed = endOfFrame(bytes, position)
    if (framed !== undefined) {
      index.add(framed - position, newestMs, true)
      continue
    }
    const found = nextIntactRecord(bytes, position + 1, expected)
    if (found === undefined && !closed) break
    // The bytes up to the next intact record hold all the lost ones; those after the first have none of their own.
    index.add((found?.position ?? bytes.length) - position, newestMs, true)
    while (found !== undefined && base + BigInt(index.length) < found.offset) index.add(0, newestMs, true)
  }
  return index
}

/** A match needs a checksum that fits and an offset that the bytes between leave room for. */
function nextIntactRecord(
  bytes: Buffer,
  from: number,
  expected: bigint,
): { position: number; offset: bigint } | undefined {
  for (let position = from; position < bytes.length; position++) {
    const record = parseRecord(bytes, position)
    if (record === undefined || record.offset <= expected) continue
    if (Number(record.offset - expected) <= (position - from) / shortestRecordBytes + 1) {
      return { position, offset: record.offset }
    }
  }
  return undefined
}
