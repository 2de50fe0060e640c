import type { Slo } from '../../slo-specs/schema/model.ts'
import type { Reader } from '../../store/client/store.ts'
import { type Retained, readRetained } from '../../store/queries/oldest-rows.ts'
import { coveredMinutes } from '../../store/queries/rollup-progress.ts'
import { cutRange, type RangePiece } from '../../store/queries/rollup-steps.ts'
import { historyStates, noHistory } from '../../store/tables/spec-revisions.ts'
import { countedSlos } from '../budget/composite.ts'
import type { KnownPart } from '../budget/status.ts'
import { floorToMinuteMs, type SloPeriod } from '../budget/windows.ts'
import type { TimeRange } from './reports.ts'

/** How much of a stretch of time is known of an SLO. */
export interface Known extends KnownPart {
  /** False where everything of it has gone: then nothing can be said of it. */
  readonly isRetained: boolean
  /** False where a part of it has gone, or was never counted by this revision. */
  readonly isWhole: boolean
}

export interface KnownParts {
  readonly known: (slo: Slo) => Known
  /** Where what is left of an SLO, or of a member, begins; 0 when nothing has gone. */
  readonly keptFromMs: (slo: Slo) => number
}

/** Data this long before a stretch show that it did not begin before the first data. */
const lookBackMs = 86_400_000

/** What an SLO, or a member, is summed from. */
interface Stretch extends TimeRange {
  readonly name: string
  readonly signal: string
  readonly kept: readonly TimeRange[]
  /** From here on the counts of this revision are complete. */
  readonly countedFromMs: number
}

export interface KnownPartsOptions {
  /** What events are summed from within a range; days where there are any by default. */
  readonly piecesOf?: (range: TimeRange) => readonly RangePiece[]
  /** Where it was read already. */
  readonly retained?: Retained
}

/**
 * How much of the period of each SLO is known: minutes that its signal was received in, whose rows are not past their retention, and that its
 * revision was counted for. A revision is counted for as far back as raw events are kept when it comes into force.
 * @param periodOf the period of an SLO, which ends at `atMs`. A composite is known as far as the least known of its members.
 */
export async function readKnownParts(
  reader: Reader,
  slos: readonly Slo[],
  periodOf: (slo: Slo) => Pick<SloPeriod, 'lookBackSeconds'>,
  atMs: number,
  options: KnownPartsOptions = {},
): Promise<KnownParts> {
  const { piecesOf = ({ fromMs, toMs }) => cutRange(fromMs, toMs, 'day') } = options
  const untilMs = floorToMinuteMs(atMs)
  const retained = options.retained ?? (await readRetained(reader))
  const countedFromMs = await readCountedFrom(reader)
  const stretchesOf = (slo: Slo): Stretch[] => {
    const range = { fromMs: untilMs - periodOf(slo).lookBackSeconds * 1000, toMs: untilMs }
    const pieces = piecesOf(range)
    return countedSlos(slo).map(counted => ({
      ...{ ...range, name: counted.name, signal: counted.indicator.signal, countedFromMs: countedFromMs(counted) },
      // Slices are made of minutes.
      kept: retained.keptOf(counted.timeSlices === undefined ? pieces : [{ resolution: 'minute', ...range }]),
    }))
  }
  const stretches = new Map(slos.map(slo => [slo.name, stretchesOf(slo)]))
  const covered = await readCovered(reader, [...stretches.values()].flat(), untilMs)
  const parts = new Map(
    [...stretches].map(([name, each]) => [name, each.map(stretch => partOf(stretch, covered, atMs))]),
  )
  const keptFrom = new Map<string, number>()
  for (const { name, keptFromMs } of [...parts.values()].flat())
    keptFrom.set(name, Math.max(keptFrom.get(name) ?? 0, keptFromMs))
  return {
    known: ({ name }) => leastKnown(parts.get(name) ?? []),
    keptFromMs: ({ name }) => keptFrom.get(name) ?? 0,
  }
}

const clipped = (ranges: readonly TimeRange[], { fromMs, toMs }: TimeRange): TimeRange[] =>
  ranges
    .map(range => ({ fromMs: Math.max(range.fromMs, fromMs), toMs: Math.min(range.toMs, toMs) }))
    .filter(range => range.fromMs < range.toMs)

/** Where the counts of each revision begin; what is counted elsewhere covers only the minutes that it was asked for. */
async function readCountedFrom(reader: Reader): Promise<(slo: Slo) => number> {
  const rows = await reader.query(historyStates, {})
  const from = new Map(
    rows
      // What was counted of one that is no longer in force stays as it was then.
      .filter(({ historyDone, historyFrom }) => !historyDone || historyFrom !== noHistory)
      .map(({ slo, revision, historyFrom }) => [`${slo}\0${revision}`, historyFrom * 1000]),
  )
  return ({ name, revision, indicator }) => (indicator.kind === 'ratio' ? (from.get(`${name}\0${revision}`) ?? 0) : 0)
}

interface Covered {
  /** Minutes with data of a signal within a range that begins and ends at edges of stretches. */
  minutes(signal: string, range: TimeRange): number
  /** The first data of a signal, or some that lie before all stretches. */
  firstMs(signal: string): number
}

async function readCovered(reader: Reader, stretches: readonly Stretch[], untilMs: number): Promise<Covered> {
  const edges = new Set(
    stretches.flatMap(stretch => [
      ...[stretch.fromMs, countedEdge(stretch)],
      ...stretch.kept.flatMap(({ fromMs, toMs }) => [fromMs, toMs]),
    ]),
  )
  const starts = [...edges].filter(ms => ms < untilMs).map(ms => Math.max(0, ms / 1000))
  const indexes = new Map(starts.map((start, index) => [start * 1000, index]))
  const oldest = Math.max(0, Math.min(...starts) - lookBackMs / 1000)
  const rows = starts.length === 0 ? [] : await reader.query(coveredMinutes, { starts, oldest, until: untilMs / 1000 })
  const signals = new Map(rows.map(row => [row.signal, row]))
  const since = (signal: string, ms: number) => signals.get(signal)?.minutes[indexes.get(Math.max(0, ms)) ?? -1] ?? 0
  return {
    minutes: (signal, { fromMs, toMs }) => since(signal, fromMs) - since(signal, toMs),
    firstMs: signal => (signals.get(signal)?.first ?? 0) * 1000,
  }
}

const countedEdge = ({ fromMs, toMs, countedFromMs }: Stretch) => Math.min(toMs, Math.max(fromMs, countedFromMs))

interface Part extends Known {
  readonly name: string
  readonly keptFromMs: number
}

function partOf(stretch: Stretch, covered: Covered, atMs: number): Part {
  const { name, signal, fromMs, toMs } = stretch
  // Of a window that began this minute nothing is missing yet.
  if (fromMs >= toMs)
    return { name, keptFromMs: 0, coverage: 1, data: { fromMs, toMs: atMs }, isRetained: true, isWhole: true }
  const uncounted = { fromMs, toMs: countedEdge(stretch) }
  const isCounted = covered.minutes(signal, uncounted) === 0
  const parts = isCounted ? stretch.kept : clipped(stretch.kept, { fromMs: uncounted.toMs, toMs })
  const minutes = parts.reduce((sum, part) => sum + covered.minutes(signal, part), 0)
  const keptFromMs = parts[0]?.fromMs ?? toMs
  const beginMs = Math.max(keptFromMs, covered.firstMs(signal))
  const endMs = parts.at(-1)?.toMs ?? toMs
  return {
    name,
    keptFromMs: keptFromMs === fromMs ? 0 : keptFromMs,
    coverage: (minutes * 60_000) / (toMs - fromMs),
    data: minutes === 0 ? null : { fromMs: beginMs, toMs: endMs === toMs ? atMs : endMs },
    isRetained: parts.length > 0,
    isWhole: parts.length === 1 && keptFromMs === fromMs && endMs === toMs,
  }
}

function leastKnown(members: readonly Known[]): Known {
  const spans = members.flatMap(({ data }) => (data === null ? [] : [data]))
  const isEmpty = spans.length === 0
  return {
    coverage: Math.min(...members.map(({ coverage }) => coverage)),
    data: isEmpty
      ? null
      : {
          fromMs: Math.max(...spans.map(({ fromMs }) => fromMs)),
          toMs: Math.min(...spans.map(({ toMs }) => toMs)),
        },
    isRetained: members.some(({ isRetained }) => isRetained),
    isWhole: members.every(({ isWhole }) => isWhole),
  }
}
