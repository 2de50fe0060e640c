import { formatQuotient, formatRatio } from '../compute/budget/format.ts'
import { describeDuration } from '../lib/durations.ts'
import type { PlannedAlert, PlannedRatio, PlannedSide, PlannedSlo, PlannedStatus, PlanReply } from './plan-reply.ts'

/** What terminal and pull request both show of a plan, as texts. */

/** `2026-11-24 04:05` (UTC). */
export function planTime(iso: string): string {
  return iso.slice(0, 16).replace('T', ' ')
}

export function planHeadline({ slos, unchanged, ratios, from, to }: PlanReply): string {
  const count = (kind: string) => slos.filter(slo => slo.kind === kind).length
  const changes = `${count('changed')} changed, ${count('added')} added, ${count('removed')} removed, ${unchanged} unchanged`
  const ratioChanges =
    ratios.length === 0 ? '' : `, ${ratios.length} ${ratios.length === 1 ? 'ratio' : 'ratios'} touched`
  if (slos.length === 0) return `${changes}${ratioChanges}; there was nothing to replay`
  const length = describeDuration((Date.parse(to) - Date.parse(from)) / 1000)
  return `${changes}${ratioChanges}; replayed from ${planTime(from)} to ${planTime(to)} UTC (${length})`
}

/** A label with what it is before and after; `same` when that is one text. */
export interface PlanRow {
  readonly label: string
  readonly before: string
  readonly after: string
}

const nothing = '—'

export function planRows(slo: PlannedSlo): PlanRow[] {
  const ends = Math.max(slo.before?.ends.length ?? 0, slo.after?.ends.length ?? 0)
  return sideRows(ends).map(({ label, read }) => ({
    label,
    before: slo.before === null ? nothing : read(slo.before),
    after: slo.after === null ? nothing : read(slo.after),
  }))
}

/** What a ratio comes to before and after. */
export function ratioRows({ before, after }: PlannedRatio): PlanRow[] {
  const text = (side: PlannedRatio['before']) => (side === null ? nothing : formatQuotient(side.value, ''))
  return [{ label: 'last day', before: text(before), after: text(after) }]
}

/** What is shown of one version of an SLO, with as many ends of windows as asked for. */
export function sideRows(
  ends: number,
): readonly { readonly label: string; readonly read: (side: PlannedSide) => string }[] {
  return [
    { label: 'objective', read: side => formatRatio(side.objective, { target: side.objective }) },
    { label: 'today', read: side => statusText(side.today, side) },
    ...Array.from({ length: ends }, (_, index) => ({
      label: index === 0 ? 'a window ago' : `${index + 1} windows ago`,
      read: (side: PlannedSide) => {
        const end = side.ends[index]
        return end === undefined ? nothing : statusText(end, side)
      },
    })),
    { label: 'pages', read: side => alertCount(side, 'page') },
    { label: 'tickets', read: side => alertCount(side, 'ticket') },
    { label: 'no-data', read: side => alertCount(side, 'no-data') },
  ]
}

/** How many of each severity somebody would have been told of, and how many of them were likely noise. */
export function alertTotals(alerts: readonly PlannedAlert[]): string {
  const told = alerts.filter(({ inhibited }) => !inhibited)
  const count = (severity: string) => told.filter(alert => alert.severity === severity)
  const short = told.filter(alert => lengthSeconds(alert) < shortSeconds).length
  const noise = short === 0 ? '' : `; ${short} over within ${describeDuration(shortSeconds)}`
  return `${count('page').length} pages, ${count('ticket').length} tickets, ${count('no-data').length} no-data${noise}`
}

function statusText({ sli, remainingRatio, status }: PlannedStatus, { objective }: PlannedSide): string {
  if (status === 'no-data') return 'no data'
  return `SLI ${formatRatio(sli, { target: objective })}, budget ${formatRatio(remainingRatio)}, ${status}`
}

/** Those that somebody would have been told of, how many of them were over soon, and when the first came. */
function alertCount({ alerts }: PlannedSide, severity: string): string {
  const told = alerts.filter(alert => alert.severity === severity && !alert.inhibited)
  if (told.length === 0) return '0'
  const short = told.filter(alert => lengthSeconds(alert) < shortSeconds).length
  const spent = told[0]?.budgetSpent ?? null
  const notes = [
    ...(short === 0 ? [] : [`${short} over within ${describeDuration(shortSeconds)}`]),
    ...(spent === null ? [] : [`the first at ${spentText(spent)} of the budget`]),
  ]
  return notes.length === 0 ? String(told.length) : `${told.length} (${notes.join(', ')})`
}

/** What ends sooner than somebody gets to a desk was likely noise. */
const shortSeconds = 900

function lengthSeconds({ firedAt, resolvedAt }: PlannedAlert): number {
  return resolvedAt === null ? Number.POSITIVE_INFINITY : (Date.parse(resolvedAt) - Date.parse(firedAt)) / 1000
}

/** Spent is rounded up, as what is left is rounded down. */
function spentText(spent: number): string {
  const left = formatRatio(-spent, { digits: 1 })
  return left.startsWith('-') ? left.slice(1) : left
}

/** One alert as a line: start, severity, length, budget spent by then, condition. */
export function alertText(alert: PlannedAlert): string {
  const seconds = lengthSeconds(alert)
  const length = Number.isFinite(seconds) ? `for ${describeDuration(seconds)}` : 'and still fires'
  const spent = alert.budgetSpent === null ? '' : `, ${spentText(alert.budgetSpent)} of the budget spent by then`
  const why = alert.conditions.length === 0 ? '' : ` (${alert.conditions.join(', ')})`
  return `${planTime(alert.firedAt)}  ${alert.severity} ${length}${spent}${why}${alert.inhibited ? ', silenced by the page' : ''}`
}

/** Alerts that are listed one by one. */
export const mostAlerts = 20

/** Alerts of both sides side by side: `-` only before, `+` only after, two spaces in both. */
export function alertLines({ before, after }: PlannedSlo): string[] {
  const was = new Map((before?.alerts ?? []).map(alert => [alertText(alert), alert]))
  const is = new Map((after?.alerts ?? []).map(alert => [alertText(alert), alert]))
  const all = [...new Map([...was, ...is])].sort(([, a], [, b]) => (a.firedAt < b.firedAt ? -1 : 1))
  const lines = all.map(([text]) => `${was.has(text) ? (is.has(text) ? ' ' : '-') : '+'} ${text}`)
  if (lines.length <= mostAlerts) return lines
  return [...lines.slice(0, mostAlerts), `  … and ${lines.length - mostAlerts} more (--json has them all)`]
}
