import type { Reader } from '../../store/client/store.ts'
import { coveredMinutes } from '../../store/queries/rollup-progress.ts'
import { noHistory } from '../../store/tables/spec-revisions.ts'
import type { KnownPart } from '../budget/status.ts'
import { floorToMinuteMs } from '../budget/windows.ts'
import type { TimeRange } from './reports.ts'

/** How much of a stretch of time is known of what was counted in it. */
export interface Known extends KnownPart {
  /** False where everything of it has gone: then nothing can be said of it. */
  readonly isRetained: boolean
  /** False where a part of it has gone, or was never counted by this revision. */
  readonly isWhole: boolean
  /** Where what is left of it begins; 0 when nothing has gone. */
  readonly keptFromMs: number
}

/** What a number is summed from. */
export interface Stretch extends TimeRange {
  readonly signal: string
  /** Where the rows that it is summed from are still there. */
  readonly kept: readonly TimeRange[]
  /** From here on the counts of this revision are complete. */
  readonly countedFromMs: number
}

/** Data this long before a stretch show that it did not begin before the first data. */
const lookBackMs = 86_400_000

/**
 * How much of each stretch is known: minutes that its signal was received in, whose rows are not past their retention, and that its revision was
 * counted for. All in one query.
 * @param stretches which all end at the same minute. @param atMs the time within that minute until which they were counted.
 */
export async function readKnown(
  reader: Reader,
  stretches: readonly Stretch[],
  atMs: number,
): Promise<(stretch: Stretch) => Known> {
  const covered = await readCovered(reader, stretches, atMs)
  return stretch => knownOf(stretch, covered, atMs)
}

/** Of what is summed from several: known as far as the least known of them. */
export function leastKnown(each: readonly Known[]): Known {
  const spans = each.flatMap(({ data }) => (data === null ? [] : [data]))
  const isEmpty = spans.length === 0
  return {
    coverage: Math.min(...each.map(({ coverage }) => coverage)),
    data: isEmpty
      ? null
      : {
          fromMs: Math.max(...spans.map(({ fromMs }) => fromMs)),
          toMs: Math.min(...spans.map(({ toMs }) => toMs)),
        },
    isRetained: each.some(({ isRetained }) => isRetained),
    isWhole: each.every(({ isWhole }) => isWhole),
    keptFromMs: Math.max(0, ...each.map(({ keptFromMs }) => keptFromMs)),
  }
}

interface History {
  readonly name: string
  readonly revision: string
  readonly historyFrom: number
  readonly historyDone: boolean
}

/** Where the counts of a revision begin, milliseconds; 0 where it is not on record: nothing is missing of what is counted elsewhere. */
export function countedFrom(rows: readonly History[]): (of: Pick<History, 'name' | 'revision'>) => number {
  const from = new Map(
    rows
      // What was counted of one that is no longer in force stays as it was then.
      .filter(({ historyDone, historyFrom }) => !historyDone || historyFrom !== noHistory)
      .map(({ name, revision, historyFrom }) => [`${name}\0${revision}`, historyFrom * 1000]),
  )
  return ({ name, revision }) => from.get(`${name}\0${revision}`) ?? 0
}

interface Covered {
  /** Minutes with data of a signal within a range that begins and ends at edges of stretches. */
  minutes(signal: string, range: TimeRange): number
  /** The first data of a signal, or some that lie before all stretches. */
  firstMs(signal: string): number
}

async function readCovered(reader: Reader, stretches: readonly Stretch[], atMs: number): Promise<Covered> {
  const minuteMs = floorToMinuteMs(atMs)
  const edges = new Set([
    minuteMs,
    ...stretches.flatMap(stretch => [stretch.fromMs, countedEdge(stretch)]),
    ...stretches.flatMap(({ kept }) => kept.flatMap(({ fromMs, toMs }) => [fromMs, toMs])),
  ])
  const starts = [...edges].map(ms => Math.max(0, ms / 1000))
  const indexes = new Map(starts.map((start, index) => [start * 1000, index]))
  const oldest = Math.max(0, Math.min(...starts) - lookBackMs / 1000)
  // The running minute covers nothing yet, but where it holds the first data, the numbers are of those.
  const until = Math.ceil(atMs / 60_000) * 60
  const rows = stretches.length === 0 ? [] : await reader.query(coveredMinutes, { starts, oldest, until })
  const signals = new Map(rows.map(row => [row.signal, row]))
  const since = (signal: string, ms: number) => signals.get(signal)?.minutes[indexes.get(Math.max(0, ms)) ?? -1] ?? 0
  return {
    minutes: (signal, { fromMs, toMs }) => since(signal, fromMs) - since(signal, toMs),
    firstMs: signal => (signals.get(signal)?.first ?? 0) * 1000,
  }
}

const countedEdge = ({ fromMs, toMs, countedFromMs }: Stretch) => Math.min(toMs, Math.max(fromMs, countedFromMs))

const clipped = (ranges: readonly TimeRange[], { fromMs, toMs }: TimeRange): TimeRange[] =>
  ranges
    .map(range => ({ fromMs: Math.max(range.fromMs, fromMs), toMs: Math.min(range.toMs, toMs) }))
    .filter(range => range.fromMs < range.toMs)

function knownOf(stretch: Stretch, covered: Covered, atMs: number): Known {
  const { signal, fromMs, toMs } = stretch
  // Of a window that began this minute nothing is missing yet.
  if (fromMs >= toMs)
    return { keptFromMs: 0, coverage: 1, data: { fromMs, toMs: atMs }, isRetained: true, isWhole: true }
  const uncounted = { fromMs, toMs: countedEdge(stretch) }
  const isCounted = covered.minutes(signal, uncounted) === 0
  const parts = isCounted ? stretch.kept : clipped(stretch.kept, { fromMs: uncounted.toMs, toMs })
  const minutes = parts.reduce((sum, part) => sum + covered.minutes(signal, part), 0)
  const keptFromMs = parts[0]?.fromMs ?? toMs
  const firstMs = covered.firstMs(signal)
  const endMs = parts.at(-1)?.toMs ?? toMs
  const isEmpty = minutes === 0 && firstMs < toMs
  return {
    keptFromMs: keptFromMs === fromMs ? 0 : keptFromMs,
    coverage: (minutes * 60_000) / (toMs - fromMs),
    data: isEmpty ? null : { fromMs: Math.max(keptFromMs, firstMs), toMs: endMs === toMs ? atMs : endMs },
    isRetained: parts.length > 0,
    isWhole: parts.length === 1 && keptFromMs === fromMs && endMs === toMs,
  }
}
