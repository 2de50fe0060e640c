import { isDeepStrictEqual } from 'node:util'
import { formatDecimal, parseDecimal } from '../decimal.ts'
import { ladderRules } from '../kinds/burn-conditions.ts'
import type { Ladder } from '../ladder.ts'
import type { QueriedIndicator, Slo, SpecSet } from '../model.ts'
import { type ConversionNote, otherKindsOf } from './conversion.ts'
import { windowQuery } from './promql-window.ts'
import type { SlothAlerts } from './sloth-ladders.ts'

/** A file of Sloth, `prometheus/v1`: one service with its SLOs. */
export interface SlothFile {
  readonly version: 'prometheus/v1'
  readonly service: string
  readonly slos: readonly Readonly<Record<string, unknown>>[]
}

/** Windows that Sloth has rules for: which of them is said when it is run. */
const periods = [30, 28].map(days => days * 86_400)

/**
 * The SLOs of a set that Sloth can say, by service: those over Prometheus queries that look back one minute, over 30 (or 28) rolling days, with
 * the standard ladder, one of its severities, or no alerts. Every other is told of and left out.
 */
export function exportSloth(
  { slos }: SpecSet,
  standard: Ladder,
): { readonly files: readonly SlothFile[]; readonly notes: readonly ConversionNote[] } {
  const notes: ConversionNote[] = []
  const services = new Map<string, Record<string, unknown>[]>()
  for (const slo of slos) {
    const written = slothSlo(slo, standard)
    if (typeof written === 'string') notes.push({ ...slo.position, message: `${slo.name} is left out: ${written}` })
    else {
      services.set(slo.service, [...(services.get(slo.service) ?? []), written])
      notes.push(...otherKindsOf(slo).map(message => ({ ...slo.position, message: `${slo.name}: ${message}` })))
    }
  }
  const files = [...services].map(([service, list]) => ({ version: 'prometheus/v1', service, slos: list }) as const)
  return { files, notes }
}

/** The SLO as Sloth writes it, or why it cannot. */
function slothSlo(slo: Slo, standard: Ladder): Record<string, unknown> | string {
  const { indicator, window, labels, description } = slo
  if (indicator.kind !== 'queried') return 'its events are not asked of Prometheus'
  const sli = slothSli(indicator)
  if (typeof sli === 'string') return sli
  if (window.kind !== 'rolling' || !periods.includes(window.seconds))
    return 'its window is neither 30 nor 28 rolling days'
  if (slo.budgetingMethod !== 'Occurrences') return 'its budgeting method is not Occurrences'
  const alerts = slothAlerts(slo, standard)
  if (alerts === undefined) return 'its alerts are not those of the standard ladder'
  const name = slo.name.startsWith(`${slo.service}-`) ? slo.name.slice(slo.service.length + 1) : slo.name
  return {
    name,
    objective: Number(percentOf(slo.objectiveText)),
    ...(description === '' ? {} : { description }),
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
    sli,
    alerting: alertingOf(slo, alerts),
  }
}

function percentOf(objectiveText: string): string {
  const decimal = parseDecimal(objectiveText)
  if (decimal === undefined) return objectiveText
  const { numerator, denominator } = decimal
  return formatDecimal(
    denominator >= 100n
      ? { numerator, denominator: denominator / 100n }
      : { numerator: (numerator * 100n) / denominator, denominator: 1n },
  )
}

function slothSli({ meaning, layerLabels }: QueriedIndicator): Record<string, unknown> | string {
  if (Object.keys(layerLabels).length > 0) return 'its queries name layers'
  if (meaning.kind === 'raw') {
    const query = windowQuery(meaning.query)
    if (query === undefined) return 'its query does not look back one minute ([1m])'
    return { raw: { error_ratio_query: meaning.shareOf === 'bad' ? query : `1 - (${query})` } }
  }
  if (meaning.kind !== 'counts' || meaning.isCounter) return 'its queries do not count the events of a minute'
  const [total, part] = [windowQuery(meaning.total), windowQuery(meaning.part)]
  if (total === undefined || part === undefined) return 'its queries do not look back one minute ([1m])'
  const error = meaning.partIs === 'bad' ? part : `(${total}) - (${part})`
  return { events: { error_query: error, total_query: total } }
}

/** Which of Sloth's two alerts an SLO has; undefined when it has others. */
function slothAlerts({ alerts, window }: Slo, standard: Ladder): SlothAlerts | undefined {
  const rules = ladderRules(standard, window.seconds, [])
  const conditions = (severity: string) => rules.find(rule => rule.severity === severity)?.conditions
  if (alerts.some(rule => !isDeepStrictEqual(rule.conditions, conditions(rule.severity)))) return undefined
  const has = (severity: string) => alerts.some(rule => rule.severity === severity)
  return { page: has('page'), ticket: has('ticket') }
}

function alertingOf({ name, runbook }: Slo, { page, ticket }: SlothAlerts) {
  const words = name.split(/[^A-Za-z0-9]+/).map(word => `${word.charAt(0).toUpperCase()}${word.slice(1)}`)
  return {
    name: `${words.join('')}Burns`,
    ...(runbook === '' ? {} : { annotations: { runbook } }),
    ...(page ? {} : { page_alert: { disable: true } }),
    ...(ticket ? {} : { ticket_alert: { disable: true } }),
  }
}
