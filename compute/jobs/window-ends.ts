import type { TimeWindow } from '../../slo-specs/schema/model.ts'
import { calendarPeriod } from '../budget/calendar.ts'
import { type PeriodOf, periodsAt } from '../budget/windows.ts'

/** A moment at which a window was over, and what the window covered then. */
export interface WindowEnd {
  readonly atMs: number
  readonly periodOf: PeriodOf
}

const mostEnds = 3

/** The ends of the last windows before `toMs` that lie after `fromMs`, newest first: of rolling ones, one, two … lengths ago. */
export function windowEnds(
  window: TimeWindow,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): WindowEnd[] {
  const ends: WindowEnd[] = []
  let atMs = toMs
  for (let index = 0; index < mostEnds; index++) {
    atMs =
      window.calendar === undefined ? atMs - window.seconds * 1000 : calendarPeriod(window.calendar, atMs - 1).fromMs
    if (atMs <= fromMs) break
    ends.push({ atMs, periodOf: wholePeriods(atMs) })
  }
  return ends
}

/** At the end of a calendar period the next one begins; what is asked for is the one that is over, whole. */
function wholePeriods(atMs: number): PeriodOf {
  const before = periodsAt(atMs - 1)
  const now = periodsAt(atMs)
  return window => {
    if (window.calendar === undefined) return now(window)
    const period = before(window)
    return { ...period, lookBackSeconds: (atMs - period.fromMs) / 1000 }
  }
}
