import { formatDuration } from '../../lib/durations.ts'
import { clocksOf, type LocalMs } from './clocks.ts'
import type { CorrectionTimes } from './model.ts'
import { occurrencesOf, parseRule } from './recurrence-rule.ts'
import { mergedSpans, type TimeSpan } from './time-spans.ts'

/** A rule of RFC 5545 on the clocks of a time zone, from `startMs` on; each time it lasts as long, on no clock. */
export interface Recurrence {
  readonly rule: string
  readonly startMs: number
  readonly durationSeconds: number
  readonly timeZone: string
}

const dayMs = 86_400_000
/** A rule that has not come by then never does: leap days and five-week months come more often. */
const longestWaitMs = 10 * 366 * dayMs
/** More often than hourly, a correction is a filter. */
const mostADay = 24
/** Occurrences are worked out so far beyond what is asked for, so that they are not each minute again. */
const aheadMs = 400 * dayMs

/** What happens once. */
export function timesOnce(span: TimeSpan): CorrectionTimes {
  const text = `${new Date(span.fromMs).toISOString()} to ${new Date(span.toMs).toISOString()}`
  return { text, within: ({ fromMs, toMs }) => (span.fromMs < toMs && span.toMs > fromMs ? [span] : []) }
}

/** What happens again and again; or why a rule, though well written, is none. */
export function recurringTimes(recurrence: Recurrence): CorrectionTimes | { readonly problem: string } {
  const { rule, startMs, durationSeconds, timeZone } = recurrence
  const first = localOccurrences(recurrence, clocksOf(timeZone).localOf(startMs) + longestWaitMs, mostADay + 1)
  const [earliest, latest] = [first[0], first[mostADay]]
  if (earliest === undefined) return { problem: `${rule} never comes` }
  if (latest !== undefined && latest - earliest < dayMs)
    return { problem: `${rule} comes more than ${mostADay} times a day` }
  const occurrences = createOccurrences(recurrence)
  const durationMs = durationSeconds * 1000
  return {
    text: `${rule} from ${new Date(startMs).toISOString()} for ${formatDuration(durationSeconds)} in ${timeZone}`,
    within: ({ fromMs, toMs }) => {
      const begun = occurrences(toMs).filter(ms => ms < toMs && ms + durationMs > fromMs)
      return mergedSpans(begun.map(ms => ({ fromMs: ms, toMs: ms + durationMs })))
    },
  }
}

/** Beginnings up to a moment (and perhaps some more), worked out once. */
function createOccurrences(recurrence: Recurrence): (toMs: number) => readonly number[] {
  const { startMs, timeZone } = recurrence
  let known: readonly number[] = []
  let knownToMs = Number.NEGATIVE_INFINITY
  return toMs => {
    if (toMs <= startMs) return []
    if (toMs > knownToMs) {
      const clocks = clocksOf(timeZone)
      knownToMs = toMs + aheadMs
      // Two times of the clocks may be one moment, where daylight saving leaves an hour out.
      known = [...new Set(localOccurrences(recurrence, clocks.localOf(knownToMs)).map(clocks.instantOf))]
    }
    return known
  }
}

/** Beginnings on the clocks of the time zone, at most so many. */
function localOccurrences({ rule, startMs, timeZone }: Recurrence, endLocal: LocalMs, most?: number): LocalMs[] {
  const clocks = clocksOf(timeZone)
  const end = Math.min(endLocal, untilOf(rule, clocks.localOf))
  return [...occurrencesOf(parseRule(rule), clocks.localOf(startMs), end).take(most ?? Number.POSITIVE_INFINITY)]
}

/** The last moment of a rule on the clocks: a day is meant whole, a moment is in UTC (RFC 5545, 3.3.10). */
function untilOf(rule: string, localOf: (ms: number) => LocalMs): LocalMs {
  const [, year, month, day, time] = /UNTIL=(\d{4})(\d{2})(\d{2})(?:T(\d{6})Z)?/.exec(rule) ?? []
  if (year === undefined) return Number.POSITIVE_INFINITY
  const midnight = Date.UTC(Number(year), Number(month) - 1, Number(day))
  if (time === undefined) return midnight + dayMs - 1000
  const [hours, minutes, seconds] = [time.slice(0, 2), time.slice(2, 4), time.slice(4, 6)].map(Number)
  return localOf(midnight + (((hours ?? 0) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0)) * 1000)
}
