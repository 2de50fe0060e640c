import type { CalendarAlignment } from '../../slo-specs/schema/model.ts'

/** `[fromMs, toMs)`, milliseconds since the epoch. */
export interface CalendarPeriod {
  readonly fromMs: number
  readonly toMs: number
}

/** A date and time on somebody's clocks, as if it were UTC: milliseconds since 1970-01-01 00:00 there. */
type LocalMs = number

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

/** What the clocks of a time zone show, and when they show something. */
function clocksOf(timeZone: string) {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    ...{ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' },
  })
  const localOf = (ms: number): LocalMs => {
    const parts = new Map(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]))
    const get = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0
    return Date.UTC(get('year'), get('month') - 1, get('day'), get('hour'), get('minute'), get('second'))
  }
  /** The first moment with that time on the clocks; of a time that daylight saving leaves out, the moment of the change. */
  const instantOf = (local: LocalMs): number => {
    const offsets = [local - dayMs, local + dayMs].map(ms => localOf(ms) - ms)
    const found = offsets.map(offset => local - offset).filter(ms => localOf(ms) === local)
    if (found.length > 0) return Math.min(...found)
    return firstAfter(local, local - Math.max(...offsets), local - Math.min(...offsets))
  }
  /** Between two moments, the first minute whose local time is not before `local`. */
  const firstAfter = (local: LocalMs, fromMs: number, toMs: number): number => {
    let [low, high] = [fromMs - 60_000, toMs]
    while (high - low > 60_000) {
      const middle = low + Math.floor((high - low) / 120_000) * 60_000
      if (localOf(middle) >= local) high = middle
      else low = middle
    }
    return high
  }
  return { localOf, instantOf }
}
