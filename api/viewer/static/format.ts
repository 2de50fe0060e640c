import {
  formatBudget,
  formatBurnRate,
  formatObjective,
  formatQuotient,
  formatRatio,
  formatSli,
} from '../../../compute/budget/format.ts'
import { describeDuration } from '../../../lib/durations.ts'
import { dataText } from '../../data-texts.ts'
import type { Slo } from './reply-types.ts'

/** Texts for a person's eye. Ratios are rounded by the code that rounds them everywhere: down, burn rates up. */

export { describeDuration, formatBudget, formatBurnRate, formatObjective, formatQuotient, formatRatio, formatSli }

export const ownTimeZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone

const counts = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })

/** A dash where nobody can say. */
export const formatCount = (count: number | null): string => (count === null ? '—' : counts.format(count))
export const formatCompact = (count: number): string => compact.format(count)

export function formatBytes(bytes: number | null): string {
  if (bytes === null) return '—'
  const units = ['B', 'KB', 'MB', 'GB', 'TB']
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log(bytes) / Math.log(1000)))
  return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`
}

const clockTime = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })
const dateTime = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
})

/** Today's times without a date. */
export function formatTime(iso: string, nowMs: number): string {
  const time = new Date(iso)
  const isToday = time.toDateString() === new Date(nowMs).toDateString()
  return (isToday ? clockTime : dateTime).format(time)
}

/** `4 min ago`, `in 3 d 2 h`. */
export function formatAgo(iso: string, nowMs: number): string {
  const exact = (nowMs - Date.parse(iso)) / 1000
  if (Math.abs(exact) < 5) return 'just now'
  // Seconds beside minutes would only flicker.
  const seconds = Math.abs(exact) < 120 ? exact : Math.trunc(exact / 60) * 60
  return seconds > 0 ? `${describeDuration(seconds)} ago` : `in ${describeDuration(-seconds)}`
}

export const sloTitle = (slo: Pick<Slo, 'name' | 'displayName'>): string => slo.displayName || slo.name

/** `data from 3 March 2026 on` of an SLO whose numbers are of a part of its window; empty of others. */
export const partText = ({ status, data, window }: Slo): string =>
  status === 'no-data' ? '' : dataText(data, { from: window.from, until: window.to }, ownTimeZone())

/** What was promised, in a sentence. */
export function promiseOf(slo: Slo): string {
  const target = formatObjective(slo.objective)
  const window = spokenWindow(slo.window.text)
  const over = slo.window.kind === 'calendar' ? `in each calendar period of ${window}` : `over any ${window}`
  if (slo.members.length > 0)
    return `The mean of its ${slo.members.length} members by weight has to be at least ${target} ${over}.`
  if (slo.budgetingMethod === 'RatioTimeslices')
    return `In the mean of its time slices ${target} of the events have to be good ${over}, however many a slice has.`
  const what = slo.budgetingMethod === 'Timeslices' ? 'time slices' : 'events'
  return `${target} of its ${what} have to be good ${over}: of every ${perBad(slo.objective)}, one may fail.`
}

function perBad(objective: number): string {
  return formatCount(Math.floor(1 / (1 - objective) + 1e-6))
}

/** `30d` → `30 days`. */
export function spokenWindow(text: string): string {
  const units: Record<string, string> = {
    m: 'minute',
    h: 'hour',
    d: 'day',
    w: 'week',
    M: 'month',
    Q: 'quarter',
    Y: 'year',
  }
  const match = /^(\d+)([mhdwMQY])$/.exec(text)
  const unit = units[match?.[2] ?? '']
  if (match === null || unit === undefined) return text
  return match[1] === '1' ? unit : `${match[1]} ${unit}s`
}
