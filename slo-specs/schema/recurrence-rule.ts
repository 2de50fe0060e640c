import type { LocalMs } from './clocks.ts'

/** A rule of RFC 5545, section 3.3.10, on clocks without a zone: what `recurrenceRule` of kinds/texts.ts lets through. */
export interface RecurrenceRule {
  readonly frequency: 'DAILY' | 'WEEKLY' | 'MONTHLY' | 'YEARLY'
  readonly interval: number
  readonly count: number
  readonly months: readonly number[]
  /** From 1, or from the end of the month where negative. */
  readonly monthDays: readonly number[]
  /** `weekday` from 0, Sunday; `nth` of the month or year, from its end where negative, 0 for each. */
  readonly days: readonly { readonly weekday: number; readonly nth: number }[]
  readonly hours: readonly number[]
  readonly minutes: readonly number[]
  readonly positions: readonly number[]
}

const dayMs = 86_400_000
const weekdays = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA']

export function parseRule(text: string): RecurrenceRule {
  const parts = new Map(text.split(';').map(part => part.split('=') as [string, string]))
  const numbers = (name: string) => parts.get(name)?.split(',').map(Number) ?? []
  return {
    frequency: parts.get('FREQ') as RecurrenceRule['frequency'],
    interval: numbers('INTERVAL')[0] ?? 1,
    count: numbers('COUNT')[0] ?? Number.POSITIVE_INFINITY,
    months: numbers('BYMONTH'),
    monthDays: numbers('BYMONTHDAY'),
    days: (parts.get('BYDAY')?.split(',') ?? []).map(day => ({
      weekday: weekdays.indexOf(day.slice(-2)),
      nth: Number(day.slice(0, -2)),
    })),
    hours: numbers('BYHOUR'),
    minutes: numbers('BYMINUTE'),
    positions: numbers('BYSETPOS'),
  }
}

/**
 * The moments of a rule from `start` (whose time of day they have unless the rule says another) up to `end`, in their order. It looks at each
 * period up to the end once, so a rule that never comes ends as well.
 */
export function* occurrencesOf(rule: RecurrenceRule, start: LocalMs, end: LocalMs): Generator<LocalMs> {
  const times = timesOfDay(rule, start)
  let left = rule.count
  for (let index = 0; ; index += rule.interval) {
    const days = periodOf(rule, start, index)
    if (days.first > end) return
    const matching = daysOf(days).filter(day => matches(rule, start, day))
    const all = matching.flatMap(day => times.map(time => day + time))
    for (const moment of chosen(all, rule.positions)) {
      if (moment < start) continue
      if (moment > end || left-- <= 0) return
      yield moment
    }
  }
}

interface Days {
  readonly first: LocalMs
  /** The day after the last. */
  readonly end: LocalMs
}

/** The days of the period that is `index` after that of the start. */
function periodOf({ frequency }: RecurrenceRule, start: LocalMs, index: number): Days {
  const date = new Date(start)
  const today = start - (((start % dayMs) + dayMs) % dayMs)
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()]
  switch (frequency) {
    case 'DAILY':
      return { first: today + index * dayMs, end: today + (index + 1) * dayMs }
    case 'WEEKLY': {
      // Weeks begin on Monday.
      const monday = today - ((date.getUTCDay() + 6) % 7) * dayMs
      return { first: monday + index * 7 * dayMs, end: monday + (index + 1) * 7 * dayMs }
    }
    case 'MONTHLY':
      return { first: Date.UTC(year, month + index), end: Date.UTC(year, month + index + 1) }
    case 'YEARLY':
      return { first: Date.UTC(year + index, 0), end: Date.UTC(year + index + 1, 0) }
  }
}

function daysOf({ first, end }: Days): LocalMs[] {
  return Array.from({ length: (end - first) / dayMs }, (_, index) => first + index * dayMs)
}

/** Is the rule about this day of its period? What the rule leaves open is as it was at the start. */
function matches(rule: RecurrenceRule, start: LocalMs, day: LocalMs): boolean {
  const { frequency, months, monthDays, days } = rule
  const [date, begun] = [new Date(day), new Date(start)]
  const isOpen = monthDays.length === 0 && days.length === 0
  const month = date.getUTCMonth() + 1
  if (months.length > 0 && !months.includes(month)) return false
  if (isOpen) {
    if (frequency === 'WEEKLY') return date.getUTCDay() === begun.getUTCDay()
    if (frequency === 'YEARLY' && months.length === 0 && month !== begun.getUTCMonth() + 1) return false
    return frequency === 'DAILY' || date.getUTCDate() === begun.getUTCDate()
  }
  if (monthDays.length > 0 && !monthDays.some(wanted => isNth(wanted, day, monthOf(day), 1))) return false
  const within = frequency === 'YEARLY' && months.length === 0 ? yearOf(day) : monthOf(day)
  return (
    days.length === 0 ||
    days.some(
      ({ weekday, nth }) =>
        date.getUTCDay() === weekday &&
        (nth === 0 || frequency === 'DAILY' || frequency === 'WEEKLY' || isNth(nth, day, within, 7)),
    )
  )
}

/** Is the day the nth of its kind (each `every` days) from the beginning, or the end where negative? */
function isNth(nth: number, day: LocalMs, { first, end }: Days, every: number): boolean {
  const fromStart = Math.floor((day - first) / dayMs / every) + 1
  const fromEnd = Math.floor((end - dayMs - day) / dayMs / every) + 1
  return nth > 0 ? nth === fromStart : -nth === fromEnd
}

function monthOf(day: LocalMs): Days {
  const date = new Date(day)
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()]
  return { first: Date.UTC(year, month), end: Date.UTC(year, month + 1) }
}

function yearOf(day: LocalMs): Days {
  const year = new Date(day).getUTCFullYear()
  return { first: Date.UTC(year, 0), end: Date.UTC(year + 1, 0) }
}

function timesOfDay({ hours, minutes }: RecurrenceRule, start: LocalMs): number[] {
  const date = new Date(start)
  const rest = ((start % 60_000) + 60_000) % 60_000
  const of = (listed: readonly number[], own: number) => (listed.length > 0 ? listed : [own])
  const times = of(hours, date.getUTCHours()).flatMap(hour =>
    of(minutes, date.getUTCMinutes()).map(minute => (hour * 60 + minute) * 60_000 + rest),
  )
  return [...new Set(times)].sort((a, b) => a - b)
}

/** BYSETPOS: only some of a period's moments, by their place. */
function chosen(all: readonly LocalMs[], positions: readonly number[]): readonly LocalMs[] {
  if (positions.length === 0) return all
  return all.filter((_, index) => positions.includes(index + 1) || positions.includes(index - all.length))
}
