import { NinefoldError } from '../../lib/errors.ts'
import type { HistoryRange, TimeRange } from './reports.ts'

/** More points than this are nobody's graph. */
const mostPoints = 20_000

/** End of the running minute: later rows are events from the future, which count when their minute has come. */
export function endOfMinuteMs(nowMs: number): number {
  return Math.ceil(nowMs / 60_000) * 60_000
}

/** Whole minutes of a range, not beyond the running one. @throws API_BAD_REQUEST when it is empty by itself. */
export function minuteRange({ fromMs, toMs }: TimeRange, nowMs: number): TimeRange {
  if (!(fromMs < toMs)) throw new NinefoldError('API_BAD_REQUEST', 'a range must begin before it ends')
  return {
    fromMs: Math.max(0, Math.floor(fromMs / 60_000) * 60_000),
    toMs: Math.min(Math.ceil(toMs / 60_000) * 60_000, endOfMinuteMs(nowMs)),
  }
}

/**
 * The steps of a range, aligned in UTC, their beginnings in milliseconds. The last one may still be running.
 * @throws API_BAD_REQUEST for a step that is not whole minutes, or too many steps.
 */
export function stepsOf({ fromMs, toMs, stepSeconds }: HistoryRange, nowMs: number): readonly number[] {
  if (!Number.isInteger(stepSeconds / 60) || stepSeconds < 60)
    throw new NinefoldError('API_BAD_REQUEST', 'a step must be a whole number of minutes')
  const range = minuteRange({ fromMs, toMs }, nowMs)
  const stepMs = stepSeconds * 1000
  const first = Math.floor(range.fromMs / stepMs) * stepMs
  const count = Math.max(0, Math.ceil((range.toMs - first) / stepMs))
  if (count > mostPoints) throw new NinefoldError('API_BAD_REQUEST', `a history has at most ${mostPoints} points`)
  return Array.from({ length: count }, (_, index) => first + index * stepMs)
}
