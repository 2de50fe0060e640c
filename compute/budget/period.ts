import type { CalendarAlignment } from '../../slo-specs/schema/model.ts'
import { type CalendarPeriod, calendarPeriod } from './calendar.ts'

type PeriodUnit = Extract<CalendarAlignment['unit'], 'd' | 'w' | 'M' | 'Q' | 'Y'>

/** A day, week, month, quarter or year of somebody's calendar. */
export interface Period extends CalendarPeriod {
  /** As written: `2026`, `2026-Q4`, `2026-11`, `2026-W48` (ISO 8601), `2026-11-27`. */
  readonly text: string
  readonly unit: PeriodUnit
  /** IANA name of the clocks on which it begins and ends. */
  readonly timeZone: string
}

const dayMs = 86_400_000
/** Nobody has telemetry of before. */
const firstYear = 2000

/**
 * The period that a text names on the clocks of a time zone; undefined for a text that names none, or a day that a zone never had.
 * @throws RangeError for an unknown zone.
 */
export function periodOf(text: string, timeZone: string): Period | undefined {
  const written = readPeriod(text)
  if (written === undefined) return undefined
  const { unit, firstDay } = written
  const date = dateOf(firstDay)
  const alignment: CalendarAlignment = { count: 1, unit, startTime: `${date} 00:00:00`, timeZone }
  // No zone is further from UTC than a day: noon of the first day lies in the period, or in the one after or before.
  const candidates = [0, 1, -1].map(days => calendarPeriod(alignment, firstDay + (days + 0.5) * dayMs))
  const found = candidates.find(({ fromMs }) => localDate(fromMs, timeZone) === date)
  return found === undefined ? undefined : { text, unit, timeZone, ...found }
}

/** The period of a kind that a moment lies in. @throws RangeError for a moment before the year 2000. */
export function periodAt(unit: PeriodUnit, ms: number, timeZone: string): Period {
  const text = nameOf(unit, Date.parse(localDate(ms, timeZone)))
  const period = periodOf(text, timeZone)
  if (period === undefined) throw new RangeError(`${text} is no period that anything is counted in`)
  return period
}

export const periodBefore = ({ unit, fromMs, timeZone }: Period): Period => periodAt(unit, fromMs - 1, timeZone)
export const periodAfter = ({ unit, toMs, timeZone }: Period): Period => periodAt(unit, toMs, timeZone)

/** What the parts of a period are: a day's hours, a quarter's weeks, counted from its first day. */
const partUnits: Readonly<Record<PeriodUnit, CalendarAlignment['unit']>> = { d: 'h', w: 'd', M: 'd', Q: 'w', Y: 'M' }

/** Where the parts of a period begin that have begun before `untilMs`, its own beginning first. */
export function partsOf({ unit, fromMs, toMs, timeZone }: Period, untilMs: number): number[] {
  const startTime = `${localDate(fromMs, timeZone)} 00:00:00`
  const alignment: CalendarAlignment = { count: 1, unit: partUnits[unit], startTime, timeZone }
  const starts: number[] = []
  for (let at = fromMs; at < Math.min(toMs, untilMs); at = calendarPeriod(alignment, at).toMs) starts.push(at)
  return starts
}

interface WrittenPeriod {
  readonly unit: PeriodUnit
  /** As if the clocks were those of UTC. */
  readonly firstDay: number
}

function readPeriod(text: string): WrittenPeriod | undefined {
  const [, year = '', quarter, week, month, day] =
    /^(\d{4})(?:-Q([1-4])|-W(\d{2})|-(\d{2})(?:-(\d{2}))?)?$/.exec(text) ?? []
  if (Number(year) < firstYear) return undefined
  const first = (monthIndex: number, dayOfMonth = 1) => Date.UTC(Number(year), monthIndex, dayOfMonth)
  if (week !== undefined) {
    // Week 1 has the fourth of January; weeks begin on Monday (ISO 8601).
    const monday = mondayOf(first(0, 4)) + (Number(week) - 1) * 7 * dayMs
    return exactly(text, { unit: 'w', firstDay: monday })
  }
  if (quarter !== undefined) return { unit: 'Q', firstDay: first((Number(quarter) - 1) * 3) }
  if (month === undefined) return { unit: 'Y', firstDay: first(0) }
  if (day === undefined) return exactly(text, { unit: 'M', firstDay: first(Number(month) - 1) })
  return exactly(text, { unit: 'd', firstDay: first(Number(month) - 1, Number(day)) })
}

/** A month 13 or a 30th of February would be another period than what is written. */
function exactly(text: string, written: WrittenPeriod): WrittenPeriod | undefined {
  return nameOf(written.unit, written.firstDay) === text ? written : undefined
}

function nameOf(unit: PeriodUnit, day: number): string {
  const date = dateOf(day)
  switch (unit) {
    case 'Y':
      return date.slice(0, 4)
    case 'Q':
      return `${date.slice(0, 4)}-Q${Math.ceil(Number(date.slice(5, 7)) / 3)}`
    case 'M':
      return date.slice(0, 7)
    case 'd':
      return date
    case 'w': {
      // A week belongs to the year of its Thursday.
      const thursday = mondayOf(day) + 3 * dayMs
      const year = dateOf(thursday).slice(0, 4)
      const week = Math.floor((thursday - Date.UTC(Number(year), 0, 1)) / (7 * dayMs)) + 1
      return `${year}-W${String(week).padStart(2, '0')}`
    }
  }
}

const mondayOf = (day: number): number => day - ((new Date(day).getUTCDay() + 6) % 7) * dayMs
const dateOf = (day: number): string => new Date(day).toISOString().slice(0, 10)

function localDate(ms: number, timeZone: string): string {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' })
  return format.format(ms)
}
