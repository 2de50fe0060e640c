import { clocksOf, type LocalMs } from '../../slo-specs/schema/clocks.ts'
import type { CalendarAlignment } from '../../slo-specs/schema/model.ts'

/** `[fromMs, toMs)`, milliseconds since the epoch. */
export interface CalendarPeriod {
  readonly fromMs: number
  readonly toMs: number
}

const dayMs = 86_400_000
const fixedMs: Readonly<Partial<Record<CalendarAlignment['unit'], number>>> = { m: 60_000, h: 3_600_000 }
const days: Readonly<Partial<Record<CalendarAlignment['unit'], number>>> = { d: 1, w: 7 }
const months: Readonly<Partial<Record<CalendarAlignment['unit'], number>>> = { M: 1, Q: 3, Y: 12 }

/**
 * The period of a calendar window that a time lies in (semantics: windows). Periods follow each other from `startTime` on, and before
 * it, on the clocks of the time zone: a day that daylight saving changes has 23 or 25 hours. A month that lacks the day of `startTime`
 * begins on its last day. Minutes and hours are lengths, not clock times.
 */
export function calendarPeriod(alignment: CalendarAlignment, nowMs: number): CalendarPeriod {
  const clocks = clocksOf(alignment.timeZone)
  const startLocal = Date.parse(`${alignment.startTime.replace(' ', 'T')}Z`)
  const fixed = fixedMs[alignment.unit]
  if (fixed !== undefined) {
    const lengthMs = fixed * alignment.count
    const startMs = clocks.instantOf(startLocal)
    const fromMs = startMs + Math.floor((nowMs - startMs) / lengthMs) * lengthMs
    return { fromMs, toMs: fromMs + lengthMs }
  }
  const boundary = (index: number) => clocks.instantOf(advanced(startLocal, alignment, index))
  let index = estimate(startLocal, alignment, clocks.localOf(nowMs))
  while (boundary(index) > nowMs) index -= 1
  while (boundary(index + 1) <= nowMs) index += 1
  return { fromMs: boundary(index), toMs: boundary(index + 1) }
}

/** The beginning of the period that is `index` periods after the first. */
function advanced(startLocal: LocalMs, { unit, count }: CalendarAlignment, index: number): LocalMs {
  const byDays = days[unit]
  if (byDays !== undefined) return startLocal + index * count * byDays * dayMs
  const start = new Date(startLocal)
  const month = start.getUTCMonth() + index * count * (months[unit] ?? 0)
  const lastDay = new Date(Date.UTC(start.getUTCFullYear(), month + 1, 0)).getUTCDate()
  const day = Date.UTC(start.getUTCFullYear(), month, Math.min(start.getUTCDate(), lastDay))
  return day + (startLocal % dayMs)
}

/** Close to the index of the period; the caller looks at its neighbours. */
function estimate(startLocal: LocalMs, { unit, count }: CalendarAlignment, nowLocal: LocalMs): number {
  const byDays = days[unit]
  if (byDays !== undefined) return Math.floor((nowLocal - startLocal) / (count * byDays * dayMs))
  const [start, now] = [new Date(startLocal), new Date(nowLocal)]
  const apart = (now.getUTCFullYear() - start.getUTCFullYear()) * 12 + now.getUTCMonth() - start.getUTCMonth()
  return Math.floor(apart / (count * (months[unit] ?? 1)))
}
