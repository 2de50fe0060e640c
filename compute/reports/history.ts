import type { Slo } from '../../slo-specs/schema/model.ts'
import type { Reader } from '../../store/client/store.ts'
import { readRetained } from '../../store/queries/oldest-rows.ts'
import { burnRate, remainingRatio, sliOf, targetOf } from '../budget/budget.ts'
import { calendarPeriod } from '../budget/calendar.ts'
import { countedSlos, type WeighedCounts, weighed, weightOf } from '../budget/composite.ts'
import { sliceBudget } from '../budget/slice-budget.ts'
import { judgedSeconds } from '../budget/slo-status.ts'
import type { Counts } from '../budget/status.ts'
import { added, type Counting, countingOf, noCounts, takenOff } from './counting.ts'
import { endOfMinuteMs, stepsOf } from './range.ts'
import type { HistoryPoint, HistoryRange } from './reports.ts'

/** One point a step. The budget at the end of a step is that of the SLO's window as it was then. */
export async function readHistory(
  reader: Reader,
  slo: Slo,
  range: HistoryRange,
  nowMs: number,
): Promise<HistoryPoint[]> {
  const { steps, parts } = await readParts(reader, slo, range, nowMs)
  const target = targetOf(slo.objectiveText)
  return steps.map((atMs, index) => {
    const counts = combined(
      slo,
      parts.map(({ entering }) => entering.get(atMs / 1000) ?? noCounts),
    )
    const { fromMs = atMs, wholeSeconds = slo.window.seconds } = parts[0]?.windows[index] ?? {}
    const window = windowAt(slo, parts, index)
    const spent = window?.exact ?? window ?? noCounts
    return {
      atMs,
      good: counts.good,
      valid: counts.valid,
      sli: sliOf(counts.exact ?? counts),
      burnRate: burnRate(target, counts.exact ?? counts),
      budgetRemainingRatio: spent.valid === 0n ? null : budgetLeft(slo, spent, { fromMs, wholeSeconds }),
    }
  })
}

/**
 * The burn rate over the last `windowSeconds` at the end of each step.
 * @param windowSeconds a whole number of steps, so that windows slide along them.
 */
export async function readBurnRates(
  reader: Reader,
  slo: Slo,
  windowSeconds: number,
  range: HistoryRange,
  nowMs: number,
): Promise<{ readonly atMs: number; readonly rate: number | null }[]> {
  const window: Slo['window'] = { kind: 'rolling', seconds: windowSeconds, text: `${windowSeconds / 60}m` }
  const { steps, parts } = await readParts(reader, { ...slo, window }, range, nowMs)
  const target = targetOf(slo.objectiveText)
  return steps.map((atMs, index) => {
    const counts = windowAt(slo, parts, index)
    return { atMs, rate: counts === null ? null : burnRate(target, counts.exact ?? counts) }
  })
}

/** What was counted of an SLO, or of each member, in each step and in the SLO's window at its end. */
async function readParts(reader: Reader, slo: Slo, range: HistoryRange, nowMs: number) {
  const steps = stepsOf(range, nowMs)
  const [firstMs] = steps
  if (firstMs === undefined) return { steps, parts: [] }
  const { stepSeconds } = range
  const endMs = Math.min((steps.at(-1) ?? firstMs) + stepSeconds * 1000, endOfMinuteMs(nowMs))
  const span = { steps, firstMs, endMs, stepSeconds }
  const retained = await readRetained(reader, 'slo')
  const parts = await Promise.all(
    countedSlos(slo).map(part => readPart(countingOf(reader, part, nowMs, retained), slo, span)),
  )
  return { steps, parts }
}

async function readPart(counting: Counting, slo: Slo, span: Omit<Series, 'entering'>) {
  const { firstMs, endMs, stepSeconds } = span
  const entering = await counting.steps({ fromMs: firstMs, toMs: endMs }, firstMs, stepSeconds)
  return { entering, windows: await windowsOf(counting, slo, { ...span, entering }) }
}

/** The counts of an SLO from those of its members, or its own, which are the only ones then. */
function combined({ indicator }: Slo, parts: readonly WeighedCounts[]): WeighedCounts {
  if (indicator.kind !== 'composite') return parts[0] ?? noCounts
  return weighed(
    indicator.members.map(({ weight }, index) => ({ counts: parts[index] ?? noCounts, weight: weightOf(weight) })),
  )
}

/** What was counted in the SLO's window at the end of a step; null where that is not known of a member. */
function windowAt(slo: Slo, parts: readonly { readonly windows: readonly WindowThen[] }[], index: number) {
  const counts = parts.map(({ windows }) => windows[index]?.counts ?? null)
  return counts.some(each => each === null)
    ? null
    : combined(
        slo,
        counts.map(each => each ?? noCounts),
      )
}

interface Series {
  readonly steps: readonly number[]
  readonly firstMs: number
  readonly endMs: number
  readonly stepSeconds: number
  readonly entering: ReadonlyMap<number, WeighedCounts>
}

interface WindowThen {
  /** Null where rows that tell what came in or left have gone. */
  readonly counts: WeighedCounts | null
  readonly fromMs: number
  readonly wholeSeconds: number
}

function budgetLeft(slo: Slo, counts: Counts, window: Omit<WindowThen, 'counts'>): number {
  const target = targetOf(slo.objectiveText)
  return slo.timeSlices === undefined
    ? remainingRatio(target, counts)
    : sliceBudget(target, counts, judgedSeconds(slo, slo.timeSlices, window), slo.timeSlices).ratio
}

/** The SLO's window at the end of each step. */
function windowsOf(counting: Counting, { window }: Slo, series: Series): Promise<WindowThen[]> {
  return window.calendar === undefined
    ? slidingWindows(counting, window.seconds, series)
    : calendarWindows(counting, window.calendar, series)
}

/**
 * The windows slide along the range, so they are not read one by one: the first is read whole, and each further step adds what came in
 * at its end and takes off what left at the window's beginning. Integers: the result is the same as of reading each. What left is told by rows
 * as fine as the steps, which go before those that the first window is read from: it slides from where they begin.
 */
async function slidingWindows(counting: Counting, wholeSeconds: number, series: Series): Promise<WindowThen[]> {
  const { steps, firstMs, endMs, stepSeconds, entering } = series
  const windowMs = wholeSeconds * 1000
  const out = { fromMs: firstMs - windowMs, toMs: endMs - windowMs }
  const leaving = await counting.steps(out, firstMs - windowMs, stepSeconds)
  const leavingKeptMs = counting.keptFromMs(firstMs - windowMs, stepSeconds)
  const enteringKeptMs = counting.keptFromMs(firstMs, stepSeconds)
  const startMs = steps.find(atMs => atMs - windowMs >= leavingKeptMs && atMs >= enteringKeptMs) ?? endMs
  let counts = await counting.sum(startMs - windowMs, startMs)
  return steps.map(atMs => {
    const fromMs = Math.min(atMs + stepSeconds * 1000, endMs) - windowMs
    if (atMs < startMs) return { counts: null, fromMs, wholeSeconds }
    const enters = entering.get(atMs / 1000) ?? noCounts
    const leaves = leaving.get((atMs - windowMs) / 1000) ?? noCounts
    counts = takenOff(added(counts, enters), leaves)
    return { counts, fromMs, wholeSeconds }
  })
}

/** A period grows with each step; where a new one begins in the middle of a step, its part of the step is read by itself. */
async function calendarWindows(
  counting: Counting,
  alignment: NonNullable<Slo['window']['calendar']>,
  { steps, firstMs, stepSeconds, endMs, entering }: Series,
): Promise<WindowThen[]> {
  const keptFromMs = counting.keptFromMs(firstMs, stepSeconds)
  const windows: WindowThen[] = []
  let period = { fromMs: 0, toMs: 0 }
  let counts: WeighedCounts | null = null
  for (const atMs of steps) {
    const stepEndMs = Math.min(atMs + stepSeconds * 1000, endMs)
    if (stepEndMs > period.toMs) {
      period = calendarPeriod(alignment, stepEndMs - 1)
      counts = null
    }
    const enters = entering.get(atMs / 1000) ?? noCounts
    if (atMs < keptFromMs || !counting.isWhole(period.fromMs, stepEndMs)) counts = null
    else counts = counts === null ? await counting.sum(period.fromMs, stepEndMs) : added(counts, enters)
    windows.push({ counts, fromMs: period.fromMs, wholeSeconds: (period.toMs - period.fromMs) / 1000 })
  }
  return windows
}
