import { formatBudget, formatObjective, formatRatio, formatSli, formatSpent } from '../compute/budget/format.ts'
import { describeDuration } from '../lib/durations.ts'
import { dataText } from './data-texts.ts'
import type { PeriodReply } from './schemas/period-replies.ts'

/** The words and rounded numbers of a report on a period: the viewer and every format of the command say the same. */

type KeptPromise = PeriodReply['slos'][number]
type Incident = PeriodReply['incidents'][number]

const many = (count: number, one: string, more = `${one}s`) => `${count} ${count === 1 ? one : more}`

/** `2026-11` → `November 2026`. */
export function periodName(period: string): string {
  const [year = '', part = ''] = period.split('-')
  if (part === '') return year
  if (part.startsWith('Q')) return `quarter ${part.slice(1)} of ${year}`
  if (part.startsWith('W')) return `week ${Number(part.slice(1))} of ${year}`
  const month = { timeZone: 'UTC', year: 'numeric', month: 'long' } as const
  const style = period.length > 7 ? ({ ...month, day: 'numeric' } as const) : month
  return new Intl.DateTimeFormat('en-GB', style).format(new Date(period))
}

export const questionText = 'Did we keep our promises?'

/** Which period, on whose clocks, and whether it is over. */
export function spanText(report: PeriodReply): string {
  const soFar = report.isRunning ? `, so far: until ${momentText(report.until, report)}` : ''
  const name = periodName(report.period)
  return `${name.charAt(0).toUpperCase()}${name.slice(1)} (${report.timeZone})${soFar}`
}

export function answerText({ kept, missed, slos }: PeriodReply): string {
  if (slos.length === 0) return 'Nothing was promised.'
  if (kept + missed === 0) return 'Nothing was counted.'
  if (missed === 0) return kept === 1 ? 'Yes, the only promise was kept.' : `Yes, all ${kept} promises were kept.`
  return `No, ${missed} of ${many(kept + missed, 'promise')} ${missed === 1 ? 'was' : 'were'} missed.`
}

/** How many of how many, by what was said of them. */
export const tallyTexts = ({ kept, missed, withoutData }: PeriodReply) =>
  [
    { verdict: 'kept', count: kept, text: `${kept} kept` },
    { verdict: 'missed', count: missed, text: `${missed} missed` },
    { verdict: 'unknown', count: withoutData, text: `${withoutData} without data` },
  ] as const

/** Below it the SLI may be of another time than the one that is asked about. */
const goodCoverage = 0.99

/** About the promises of which nothing, or not all, can be said; empty when there are none. */
export function silenceText(report: PeriodReply): string {
  const { slos } = report
  const parts = slos.map(slo => partText(slo, report))
  const partial = slos.filter(slo => slo.kept !== null && hasGap(slo, report)).length
  const [part = '', ...others] = new Set(parts.filter(Boolean))
  const gone = slos.filter(({ retained }) => !retained).length
  const silent = slos.filter(({ kept, retained }) => retained && kept === null).length
  const texts = [
    silent === 0 ? '' : `Of ${many(silent, 'promise')} nothing was counted.`,
    partial === 0
      ? ''
      : `Of ${many(partial, 'promise')} the data cover only a part of it${others.length === 0 && part !== '' ? `: ${part}` : ''}.`,
    gone === 0 ? '' : `Of ${many(gone, 'promise')} the period is past what is kept on record.`,
  ]
  return texts.filter(Boolean).join(' ')
}

/** Whether nothing, or not all, is known of it. */
export const hasGap = (slo: KeptPromise, report: PeriodReply): boolean =>
  slo.kept === null || slo.coverage < goodCoverage || partText(slo, report) !== ''

export const knownText = (slo: KeptPromise, report: PeriodReply): string =>
  slo.kept === null ? verdictText(slo) : partText(slo, report) || 'data with gaps'
export const coverageText = ({ coverage }: KeptPromise): string => formatRatio(coverage)

export const madeText = ({ evaluatedAt }: PeriodReply): string => `Made at ${evaluatedAt} by Ninefold.`

/** What the numbers are of, how they are rounded, and when they were worked out. */
export const originText = (report: PeriodReply): string =>
  `Counted from ${report.from} until ${report.until} by the promises of revision ${report.revision.slice(0, 12)}. An SLI is the share of good events and is rounded down; a promise is kept while not more than its error budget is spent. ${madeText(report)}`

/** Whether it is getting better. */
export function trendText({ slos, before, incidents, incidentsOmitted }: PeriodReply): string {
  const count = (wanted: KeptPromise['trend']) => slos.filter(({ trend }) => trend === wanted).length
  const [better, worse, same] = [count('better'), count('worse'), count('same')]
  const name = periodName(before.period)
  if (better + worse + same === 0) return `There is nothing to compare with: nothing was counted in ${name}.`
  const pages = many(incidents.length + incidentsOmitted, 'page')
  return `Compared with ${name}: ${better} better, ${worse} worse, ${same} as before; ${pages} instead of ${before.incidents}.`
}

/** `data from 3 March 2026 on` of a promise that is judged by a part of the period; empty of others. */
export const partText = ({ kept, data }: KeptPromise, report: PeriodReply): string =>
  kept === null ? '' : dataText(data, report, report.timeZone)

export const titleOf = ({ displayName, name }: KeptPromise): string => displayName || name
export const verdictText = ({ kept, retained }: KeptPromise): string =>
  kept === null ? (retained ? 'no data' : 'not on record') : kept ? 'kept' : 'missed'
export const objectiveText = ({ objective }: KeptPromise): string => formatObjective(objective)
export const sliText = ({ sli, objective, objectiveText: text }: KeptPromise): string =>
  sli === null ? '—' : formatSli(sli, objective, text)
export const budgetText = ({ kept, errorBudget }: KeptPromise): string =>
  kept === null ? '—' : formatBudget(errorBudget.remainingRatio)
/** What it was in the period before, and whether that was less. */
export function beforeText({ before, objective, objectiveText: text, trend }: KeptPromise): string {
  if (before.sli === null) return '—'
  const sli = formatSli(before.sli, objective, text)
  return trend === null ? sli : `${sli}, now ${trend === 'same' ? 'the same' : trend}`
}

/** On the clocks of the report: `9 Nov 05:04`. */
export function momentText(iso: string, { timeZone }: Pick<PeriodReply, 'timeZone'>): string {
  const style = { timeZone, day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' } as const
  return new Intl.DateTimeFormat('en-GB', style).format(new Date(iso)).replace(',', '')
}

export function lengthText({ durationSeconds, resolvedAt }: Incident): string {
  const length = describeDuration(Math.ceil(durationSeconds / 60) * 60)
  return resolvedAt === null ? `${length}, still open` : length
}

export const costText = ({ budgetShare }: Incident): string => (budgetShare === null ? '—' : formatSpent(budgetShare))

/** Since which version, and where. */
export function whyText({ suspectVersion, burningLayers }: Incident): string {
  const [where] = burningLayers
  const texts = [
    suspectVersion === null ? '' : `since version ${suspectVersion}`,
    where === undefined
      ? ''
      : `${formatRatio(where.shareOfBad, { digits: 0 })} in ${where.layer.replaceAll('_', ' ')} ${where.value || '(none)'}`,
  ]
  return texts.filter(Boolean).join(', ') || '—'
}

const deliveries = {
  sent: '',
  pending: ' (not yet)',
  rejected: ' (refused)',
  superseded: ' (not needed any more)',
} as const

export const pagedText = ({ paged }: Incident): string =>
  paged.map(({ target, state }) => `${target}${deliveries[state]}`).join(', ') || 'nobody'

export function changeText({ changes, isFirst }: PeriodReply['revisions'][number]): string {
  if (isFirst) return 'first promises'
  const texts = changes.map(({ name, kind, fields }) => {
    const details = fields.map(({ field, before, after }) => `${field} ${before} → ${after}`).join(', ')
    return details === '' ? `${name} ${kind}` : `${name}: ${details}`
  })
  return texts.join('; ') || 'nothing that an SLO means'
}

export const reasonText = ({ message, commit }: PeriodReply['revisions'][number]): string =>
  [message, commit === '' ? '' : `commit ${commit}`].filter(Boolean).join(', ') || '—'
export const whoText = ({ author, source }: PeriodReply['revisions'][number]): string => author || source
