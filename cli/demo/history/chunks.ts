import type { TimeRange } from './filled.ts'
import type { HourPart } from './past-visits.ts'
import { dayMs, hourMs, ordersInHour, type Timeline } from './timeline.ts'

/** A piece of the past that goes in one request a signal: consecutive hours of one day (UTC). */
export interface Chunk extends TimeRange {
  readonly parts: readonly HourPart[]
}

/** Orders in a chunk at most; an order leaves about six spans of 300 bytes. */
const ordersPerChunk = 1500

/** The ranges in chunks, newest first: the recent past is what burn rates need, so it is on screen first. */
export function chunksOf(timeline: Timeline, ranges: readonly TimeRange[]): readonly Chunk[] {
  const chunks: Chunk[] = []
  for (const part of [...ranges].reverse().flatMap(hoursOf)) {
    const last = chunks.at(-1)
    if (last !== undefined && fits(timeline, last, part))
      chunks[chunks.length - 1] = { fromMs: part.fromMs, toMs: last.toMs, parts: [...last.parts, part] }
    else chunks.push({ fromMs: part.fromMs, toMs: part.toMs, parts: [part] })
  }
  return chunks
}

function fits(timeline: Timeline, chunk: Chunk, part: HourPart): boolean {
  if (part.toMs !== chunk.fromMs) return false
  // One day, because the tables are partitioned by it: a block of rows that touches many days makes many small parts.
  if (Math.floor(part.fromMs / dayMs) !== Math.floor(chunk.fromMs / dayMs)) return false
  const orders = [...chunk.parts, part].reduce((sum, { hourStartMs }) => sum + ordersInHour(timeline, hourStartMs), 0)
  return orders <= ordersPerChunk
}

/** The hours that a range touches, newest first. */
function hoursOf({ fromMs, toMs }: TimeRange): readonly HourPart[] {
  const parts: HourPart[] = []
  for (let hourStartMs = Math.floor((toMs - 1) / hourMs) * hourMs; hourStartMs + hourMs > fromMs; hourStartMs -= hourMs)
    parts.push({
      hourStartMs,
      fromMs: Math.max(fromMs, hourStartMs),
      toMs: Math.min(toMs, hourStartMs + hourMs),
    })
  return parts
}
