import type { SloExplanation } from '../compute/reports/explain-slo.ts'
import { describeDuration } from '../lib/durations.ts'
import { leftOutText, queryTexts } from '../slo-specs/schema/diff-slos.ts'
import { asksValue } from '../slo-specs/schema/kinds/measured.ts'
import type { Filter, QueriedIndicator, RatioIndicator, Signal, Slo, TimeWindow } from '../slo-specs/schema/model.ts'
import { tableLines } from './text-table.ts'

const eventWords: Readonly<Record<Signal, string>> = {
  traces: 'spans',
  logs: 'log records',
  metrics: 'measurements',
  synthetics: 'runs of synthetic transactions',
  events: 'events',
  costs: 'cost lines',
}

/** The promise of an SLO as a person would say it, and what it takes for somebody to be told. */
export function explainText(slo: Slo, explanation: SloExplanation): string[] {
  const { objectivePercent, conditions } = explanation
  const title = slo.displayName === slo.name ? slo.name : `${slo.name}: ${slo.displayName}`
  return [
    `${title} (service ${slo.service})`,
    ...(slo.description === '' ? [] : [slo.description]),
    '',
    ...promiseLines(slo, objectivePercent),
    ...budgetLines(slo, explanation),
    '',
    ...countedLines(slo.indicator),
    ...(slo.corrections ?? []).map(
      correction =>
        `left out  ${leftOutText(correction)}: ${correction.reason} (${correction.name}, approved by ${correction.approver})`,
    ),
    '',
    ...(conditions.length === 0
      ? ['It alerts nobody.']
      : ladderTable(explanation, slo.budgetingMethod === 'Timeslices' ? 'BAD' : 'FAIL')),
    ...(slo.noDataAfterSeconds === 0
      ? []
      : [`Silence of ${describeDuration(slo.noDataAfterSeconds)} opens a no-data alert.`]),
  ]
}

/** Which events (or answers of which queries) are valid, and which of them good. */
function countedLines(indicator: Slo['indicator']): string[] {
  if (indicator.kind === 'queried') return queryLines(indicator)
  if (indicator.kind === 'composite')
    return ['The weighted mean of', ...indicator.members.map(({ slo, weight }) => `  ${slo.name}, weight ${weight}`)]
  const { total, good, bad, isApart, shareOf } = indicator
  if (shareOf !== undefined)
    return [
      `${shareOf.padEnd(5)}  the value of ${filterText(total)}: a ready-made share from 0 to 1`,
      'The last point of a series in a minute tells it; each minute weighs the same, a million parts, rounded towards bad.',
    ]
  const part = isApart === true ? 'those with' : 'valid ones with'
  return [
    `valid  ${filterText(total)}`,
    good === undefined ? `bad    ${part} ${filterText(bad)}` : `good   ${part} ${filterText(good)}`,
    ...measureLines(indicator),
  ]
}

function queryLines(indicator: QueriedIndicator): string[] {
  const { source } = indicator
  const whom = source.type === 'prometheus' ? `Prometheus ${source.name} at ${source.url}` : 'ClickHouse'
  const queries = Object.entries<string>(queryTexts(indicator))
  const lines = queries.map(([side, query]) => `${side === 'total' ? 'valid' : side.padEnd(5)}  ${oneLine(query)}`)
  return [`Counted by ${whom}, minute by minute:`, ...lines]
}

/** What one has to know of counts that come from metrics. */
function measureLines({ signal, good, bad }: RatioIndicator): string[] {
  if (signal !== 'metrics') return []
  const judged = good ?? bad
  if (judged === undefined || !asksValue(judged.expression)) return []
  return [
    'Of a histogram only buckets are known: measurements in one that a value above cuts count as bad. Where that value is the',
    'upper boundary of a bucket, <= and > are exact.',
  ]
}

function promiseLines({ window, timeSlices, indicator }: Slo, objectivePercent: string): string[] {
  const events = `the valid ${indicator.kind === 'ratio' ? eventWords[indicator.signal] : 'events'}`
  const over = capital(overWindow(window))
  if (timeSlices === undefined) return [`${over} at least ${objectivePercent} % of ${events} are good.`]
  const { seconds, targetText, noData } = timeSlices
  const silence = { ignore: 'is not judged', good: 'is good', bad: 'is bad' }[noData]
  if (targetText === undefined)
    return [
      `${over} the mean of the slices of ${span(seconds)} is at least ${objectivePercent} %.`,
      `Each slice counts the share of ${events} in it that are good, however many there are; one without any ${silence}.`,
    ]
  return [
    `${over} at least ${objectivePercent} % of the slices of ${span(seconds)} are good.`,
    `A slice is good when at least ${shortNumber(Number(targetText) * 100)} % of ${events} in it are; one without any ${silence}.`,
  ]
}

function overWindow({ seconds, calendar }: TimeWindow): string {
  if (calendar === undefined) return `over any ${span(seconds)}`
  const { count, unit, startTime, timeZone } = calendar
  const period = `${count === 1 ? 'each' : `every ${count}`} ${calendarUnits[unit]}${count === 1 ? '' : 's'}`
  return `in ${period} as counted from ${startTime} in ${timeZone}`
}

const calendarUnits = { m: 'minute', h: 'hour', d: 'day', w: 'week', M: 'month', Q: 'quarter', Y: 'year' } as const

const units = [
  [86_400, 'day'],
  [3600, 'hour'],
  [60, 'minute'],
] as const

/** `30 days`, `1 hour`: in the largest unit that it is a whole number of. */
function span(seconds: number): string {
  const [size, word] = units.find(([unit]) => seconds % unit === 0) ?? [1, 'second']
  return `${seconds / size} ${word}${seconds === size ? '' : 's'}`
}

function budgetLines(
  { window, timeSlices }: Slo,
  { budgetPercent, budgetSeconds, eventsToTell }: SloExplanation,
): string[] {
  const lasting = describeDuration(Math.floor(budgetSeconds))
  if (timeSlices !== undefined) {
    const slices = shortNumber(budgetSeconds / timeSlices.seconds)
    if (timeSlices.targetText === undefined)
      return [
        `That leaves ${budgetPercent} %: ${overWindow(window)} as much as ${slices} slices in which everything fails, ${lasting} in all.`,
      ]
    return [`That leaves ${budgetPercent} %: ${overWindow(window)} ${slices} bad slices, ${lasting} in all.`]
  }
  return [
    `That leaves ${budgetPercent} %: ${overWindow(window)} at most ${lasting} of total outage at even traffic, or one bad event in ${grouped(eventsToTell)}.`,
    `With fewer than ${grouped(eventsToTell)} valid events in the window, a single bad one spends more than the whole budget.`,
  ]
}

function filterText({ text }: Filter | undefined = { text: '', expression: { op: 'and', operands: [] } }): string {
  const line = oneLine(text)
  return line === '' ? 'true' : line
}

function oneLine(text: string): string {
  return text
    .trim()
    .split(/\s*\n\s*/)
    .join(' ')
}

const comparisons = { gt: '>', gte: '≥', lt: '<', lte: '≤' } as const

/** Detection times: from the start of a constant rate of failing events, or bad slices, until the condition holds. */
function ladderTable({ conditions }: SloExplanation, verb: string): string[] {
  const rates = conditions[0]?.detection.map(({ errorRate }) => `${errorRate * 100} % ${verb}`) ?? []
  const header = ['TELLS', 'CONDITION', 'BURN RATE', 'OVER', 'BUDGET SPENT', ...rates]
  const rows = conditions.map(row => [
    row.severity,
    row.condition,
    `${comparisons[row.op]} ${shortNumber(row.threshold)}`,
    row.shortWindow === null ? row.longWindow : `${row.longWindow} and ${row.shortWindow}`,
    `${shortNumber(row.budgetShare * 100)} %`,
    ...row.detection.map(({ seconds }) => (seconds === null ? 'never' : describeDuration(Math.ceil(seconds)))),
  ])
  return tableLines([header, ...rows])
}

function shortNumber(value: number): string {
  return String(Number(value.toPrecision(4)))
}

function grouped(count: bigint): string {
  return count.toString().replace(/\B(?=(\d{3})+$)/g, ',')
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
