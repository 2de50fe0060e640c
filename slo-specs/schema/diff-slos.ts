import { formatDuration } from '../../lib/durations.ts'
import { writeFilter } from './filter/write-filter.ts'
import type {
  AlertRule,
  BudgetPolicy,
  BurnCondition,
  Correction,
  Indicator,
  QueriedIndicator,
  Slo,
  SpecSet,
  TimeWindow,
} from './model.ts'

/** What a change touches: what is counted, what may be spent, who is told when, or words only. */
export type ChangeTouches = 'counts' | 'budget' | 'alerts' | 'words'

export interface FieldChange {
  readonly field: string
  readonly before: string
  readonly after: string
  readonly touches: ChangeTouches
}

export interface SloChange {
  readonly name: string
  readonly kind: 'added' | 'changed' | 'removed' | 'unchanged'
  /** Of a changed SLO. */
  readonly fields: readonly FieldChange[]
  readonly before?: Slo
  readonly after?: Slo
}

type Reader = (slo: Slo) => string

const fields: readonly (readonly [field: string, touches: ChangeTouches, read: Reader])[] = [
  ['signal', 'counts', slo => sourceText(slo.indicator)],
  ['total', 'counts', ({ indicator }) => textsOf(indicator).total ?? ''],
  ['good', 'counts', ({ indicator }) => textsOf(indicator).good ?? ''],
  ['bad', 'counts', ({ indicator }) => textsOf(indicator).bad ?? ''],
  ['layers', 'counts', slo => slo.layers.join(', ')],
  ['corrections', 'counts', slo => (slo.corrections ?? []).map(leftOutText).sort().join('; ')],
  ['objective', 'budget', slo => slo.objectiveText],
  ['window', 'budget', slo => windowText(slo.window)],
  ['budgetingMethod', 'budget', slo => slo.budgetingMethod],
  ['timeSlices', 'budget', slo => slicesText(slo)],
  ['page', 'alerts', slo => ruleText(slo, 'page')],
  ['ticket', 'alerts', slo => ruleText(slo, 'ticket')],
  ['min-valid', 'alerts', slo => String(slo.minValid)],
  ['no-data-after', 'alerts', slo => (slo.noDataAfterSeconds === 0 ? 'never' : formatDuration(slo.noDataAfterSeconds))],
  ['no-data tells', 'alerts', silenceTellsText],
  ['budget policy', 'words', slo => (slo.budgetPolicies ?? []).map(policyText).join('; ')],
  ['service', 'words', slo => slo.service],
  ['displayName', 'words', slo => slo.displayName],
  ['description', 'words', slo => slo.description],
  ['runbook', 'words', slo => slo.runbook],
  ['approved', 'words', slo => (slo.corrections ?? []).map(approvalText).join('; ')],
  ['labels', 'words', slo => mapText(slo.labels)],
  ['annotations', 'words', slo => mapText(otherAnnotations(slo))],
]

/**
 * What differs between two sets of specs in what they mean: comments, order, files, the way a filter or a number is written make no
 * difference. By name, in their order.
 */
export function diffSlos(before: SpecSet, after: SpecSet): SloChange[] {
  const [wasNamed, isNamed] = [before, after].map(({ slos }) => new Map(slos.map(slo => [slo.name, slo])))
  const names = [...new Set([...before.slos, ...after.slos].map(({ name }) => name))].sort()
  return names.flatMap((name): SloChange[] => {
    const was = wasNamed?.get(name)
    const is = isNamed?.get(name)
    if (was === undefined) return is === undefined ? [] : [{ name, kind: 'added', fields: [], after: is }]
    if (is === undefined) return [{ name, kind: 'removed', fields: [], before: was }]
    const changed = fieldChanges(was, is)
    return [{ name, kind: changed.length === 0 ? 'unchanged' : 'changed', fields: changed, before: was, after: is }]
  })
}

function fieldChanges(before: Slo, after: Slo): FieldChange[] {
  return fields
    .map(([field, touches, read]) => ({ field, touches, before: read(before), after: read(after) }))
    .filter(change => change.before !== change.after)
}

function sourceText(indicator: Indicator): string {
  if (indicator.kind !== 'queried') return indicator.signal
  return indicator.source.type === 'prometheus' ? `prometheus ${indicator.source.name}` : indicator.source.type
}

/** What is counted, in the words of the spec. */
function textsOf(indicator: Indicator): { readonly total?: string; readonly good?: string; readonly bad?: string } {
  if (indicator.kind === 'queried') return queryTexts(indicator)
  if (indicator.kind === 'composite')
    return { total: indicator.members.map(({ slo, weight }) => `${slo.name} (weight ${weight})`).join(', ') }
  const { total, good, bad, shareOf } = indicator
  if (shareOf !== undefined) return { [shareOf]: `${writeFilter(total.expression)} (ready-made)` }
  return {
    total: writeFilter(total.expression),
    ...(good === undefined ? {} : { good: writeFilter(good.expression) }),
    ...(bad === undefined ? {} : { bad: writeFilter(bad.expression) }),
  }
}

/** The queries of an indicator, with what is made of their answers. */
export function queryTexts({ meaning, layerLabels }: QueriedIndicator) {
  const layers = Object.entries(layerLabels).map(([layer, label]) => `, ${layer} by ${label}`)
  switch (meaning.kind) {
    case 'counts': {
      const how = meaning.isCounter ? ' (counters)' : ''
      return { total: `${meaning.total}${how}${layers.join('')}`, [meaning.partIs]: meaning.part }
    }
    case 'raw':
      return { [meaning.shareOf]: `${meaning.query} (ready-made)${layers.join('')}` }
    case 'threshold':
      return { good: `${meaning.query} ${meaning.comparison} ${meaning.value}${layers.join('')}` }
  }
}

/** What a correction leaves out, when. */
export function leftOutText({ times, predicate }: Pick<Correction, 'times' | 'predicate'>): string {
  return predicate === undefined ? times.text : `${times.text} where ${writeFilter(predicate.expression)}`
}

function silenceTellsText({ noDataTargets }: Slo): string {
  if (noDataTargets === undefined) return 'whom any of its alerts tells'
  return [...noDataTargets].sort().join(', ') || 'nobody'
}

function policyText({ name, steps }: BudgetPolicy): string {
  const of = steps.map(
    ({ remaining, action, message }) => `${action} from ${remaining} left${message && ` (${message})`}`,
  )
  return `${name}: ${of.join(', ')}`
}

function approvalText({ name, reason, approver, description }: Correction): string {
  return [name, description, reason, `approved by ${approver}`].filter(text => text !== '').join(', ')
}

function windowText({ seconds, calendar }: TimeWindow): string {
  if (calendar === undefined) return `rolling ${formatDuration(seconds)}`
  const { count, unit, startTime, timeZone } = calendar
  return `calendar ${count}${unit} from ${startTime} in ${timeZone}`
}

function slicesText({ timeSlices }: Slo): string {
  if (timeSlices === undefined) return ''
  const { seconds, targetText, noData } = timeSlices
  const judged = targetText === undefined ? 'good in parts' : `good from ${targetText}`
  return `${formatDuration(seconds)}, ${judged}, without data ${noData}`
}

function ruleText(slo: Slo, severity: AlertRule['severity']): string {
  const rule = slo.alerts.find(each => each.severity === severity)
  if (rule === undefined) return ''
  const begins = rule.alertAfterSeconds === 0 ? 'at once' : `after ${formatDuration(rule.alertAfterSeconds)}`
  const waits = `${begins}, kept ${formatDuration(rule.keepFiringForSeconds)}`
  const ends = rule.tellsResolved === false ? ', end not told' : ''
  const evidence =
    rule.evidence === undefined ? '' : `, chance below ${rule.evidence.maxChance}, from ${rule.evidence.minBad} bad`
  const told = rule.targets.length === 0 ? 'nobody' : [...rule.targets].sort().join(', ')
  return `${rule.conditions.map(conditionText).join(' or ')}; ${waits}${evidence}; tells ${told}${ends}`
}

const symbols = { gt: '>', gte: '≥', lt: '<', lte: '≤' } as const

/**
 * Of a ladder's condition the share of the budget and not the factor: that one follows from the window, which is told of as a change of
 * its own.
 */
function conditionText(condition: BurnCondition): string {
  const { op, threshold, budgetShare, longWindowSeconds, shortWindowSeconds, minCoverage } = condition
  const over = [longWindowSeconds, shortWindowSeconds ?? []].flat().map(formatDuration).join(' and ')
  const level =
    budgetShare === undefined
      ? `burn ${symbols[op]} ${threshold}`
      : `${Number((budgetShare * 100).toPrecision(12))} % of the budget`
  return `${level} in ${over}${minCoverage === 0 ? '' : ` (coverage ≥ ${minCoverage})`}`
}

const ownPrefix = 'ninefold.dev/'

/** Options of Ninefold's own show as what they change. */
function otherAnnotations({ annotations }: Slo): Record<string, string> {
  return Object.fromEntries(Object.entries(annotations).filter(([key]) => !key.startsWith(ownPrefix)))
}

function mapText(map: Readonly<Record<string, string>>): string {
  return Object.entries(map)
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(', ')
}
