import { createHash } from 'node:crypto'
import type { AlertSeverity } from '../../compute/alerts/episode.ts'
import { describeDuration, formatDuration } from '../../lib/durations.ts'
import type { AlertRule, Slo, SpecSet } from '../../slo-specs/schema/model.ts'
import { hasAlert } from './alert-receivers.ts'
import { burnExpression, quietExpression, silenceOf } from './burn-expressions.ts'
import { pipelineRecordings, pipelineRules } from './pipeline-rules.ts'
import { type Rule, untemplated } from './rule.ts'

/** Of the data source that the rules ask; deploy/grafana/provisioning has it. */
export const prometheusUid = 'ninefold-prometheus'

/** Grafana takes no longer ones, and no other characters than letters, digits, `-` and `_`. */
const longestUid = 40

/** The same for the same thing, whatever else is generated. Names of specs have no `_`. */
export function uidOf(kind: string, name: string): string {
  const uid = `nf-${kind}-${name.replaceAll(/[^A-Za-z0-9-]/g, '_')}`
  if (uid.length <= longestUid) return uid
  const hash = createHash('sha256').update(uid).digest('hex').slice(0, 8)
  return `${uid.slice(0, longestUid - hash.length - 1)}-${hash}`
}

/** `$NAME` is taken from Grafana's environment wherever a file's own texts are read. */
const uninterpolated = (text: string) => text.replaceAll('$', '$$$$')

interface Asked {
  readonly expr: string
  /** The alert holds for values above. */
  readonly above: number
  readonly noDataState: 'KeepLast' | 'OK'
  readonly execErrState: 'KeepLast' | 'Alerting'
}

type Described = Pick<Rule, 'for' | 'keep_firing_for' | 'labels' | 'annotations'> & { readonly title: string }

/** How far back Grafana asks a data source for the newest value. */
const lookBackSeconds = 300

function grafanaRule(uid: string, asked: Asked, described: Described) {
  const source = { type: 'prometheus', uid: prometheusUid }
  const expression = { type: '__expr__', uid: '__expr__' }
  return {
    uid,
    title: uninterpolated(described.title),
    condition: 'C',
    data: [
      {
        refId: 'A',
        relativeTimeRange: { from: lookBackSeconds, to: 0 },
        datasourceUid: source.uid,
        model: { refId: 'A', datasource: source, editorMode: 'code', expr: asked.expr, instant: true, range: false },
      },
      {
        refId: 'C',
        relativeTimeRange: { from: 0, to: 0 },
        datasourceUid: expression.uid,
        model: {
          refId: 'C',
          datasource: expression,
          type: 'threshold',
          expression: 'A',
          conditions: [{ evaluator: { type: 'gt', params: [asked.above] } }],
        },
      },
    ],
    noDataState: asked.noDataState,
    execErrState: asked.execErrState,
    for: described.for ?? '0s',
    ...(described.keep_firing_for === undefined ? {} : { keepFiringFor: described.keep_firing_for }),
    labels: described.labels ?? {},
    annotations: described.annotations ?? {},
  }
}

export type GrafanaRule = ReturnType<typeof grafanaRule>

/**
 * A ticket is quiet while the page of its SLO burns and for as long as that is kept firing: the inhibition that Grafana lacks, as part of
 * the question.
 */
function toldExpression(slo: Slo, rule: AlertRule): string {
  const burning = burnExpression(slo, rule)
  const page = slo.alerts.find(({ severity }) => severity === 'page')
  if (rule.severity === 'page' || page === undefined) return burning
  const kept = formatDuration(Math.max(60, page.keepFiringForSeconds))
  return `${burning}\nunless on (slo, service)\nlast_over_time(${burnExpression(slo, page)}[${kept}:1m])`
}

function annotationsOf(slo: Slo, summary: string, description: string, viewerUrl: string | undefined) {
  return {
    summary: `${untemplated(slo.displayName)} ${summary}`,
    description,
    ...(slo.runbook === '' ? {} : { runbook_url: slo.runbook }),
    ...(viewerUrl === undefined ? {} : { viewer_url: `${viewerUrl}/slos/${slo.name}` }),
  }
}

const labelsOf = (slo: Slo, severity: AlertSeverity) => ({
  severity: severity === 'page' ? 'critical' : 'warning',
  ninefold_severity: severity,
  slo: slo.name,
  service: slo.service,
})

/** Without data, or an answer, what fires goes on and what does not stays quiet: silence has a rule of its own. */
const frozen = { noDataState: 'KeepLast', execErrState: 'KeepLast' } as const

function burnRule(slo: Slo, rule: AlertRule, viewerUrl: string | undefined): GrafanaRule {
  const isPage = rule.severity === 'page'
  const allowed = `${slo.window.text} at ${slo.objectiveText} allow`
  const description = `{{ $labels.slo }} of {{ $labels.service }} burns its error budget {{ printf "%.1f" $values.A.Value }} times as fast as ${allowed}.`
  return grafanaRule(
    uidOf(rule.severity, slo.name),
    { expr: `${toldExpression(slo, rule)}\nor\n${quietExpression(slo, rule)}`, above: -0.5, ...frozen },
    {
      title: `${slo.name} burns its error budget${isPage ? ' fast' : ''}`,
      for: formatDuration(rule.alertAfterSeconds),
      ...(rule.keepFiringForSeconds > 0 ? { keep_firing_for: formatDuration(rule.keepFiringForSeconds) } : {}),
      labels: labelsOf(slo, rule.severity),
      annotations: annotationsOf(slo, 'burns its error budget', description, viewerUrl),
    },
  )
}

function silenceRule(slo: Slo, viewerUrl: string | undefined): GrafanaRule {
  const since = describeDuration(slo.noDataAfterSeconds)
  const description = `What {{ $labels.slo }} of {{ $labels.service }} counts has been silent for ${since} or longer: nobody knows whether the promise is kept.`
  return grafanaRule(
    uidOf('no-data', slo.name),
    { expr: silenceOf(slo), above: 0.5, ...frozen },
    {
      title: `${slo.name} has no data any more`,
      labels: labelsOf(slo, 'no-data'),
      annotations: annotationsOf(slo, 'has no data any more', description, viewerUrl),
    },
  )
}

/** Grafana names values by their query; and there are no recordings. */
function healthRule({ alert = '', expr, annotations = {}, ...rule }: Rule): GrafanaRule {
  const recorded = pipelineRecordings.reduce(
    (text, { record = '', expr: of }) => text.replaceAll(new RegExp(`${record}\\[(\\w+)\\]`, 'g'), `(${of})[$1:1m]`),
    expr,
  )
  const texts = Object.entries(annotations).map(
    ([name, text]) => [name, text.replaceAll(/\$value\b/g, () => '$values.A.Value')] as const,
  )
  // A Prometheus that does not answer is one alert, not one for each rule.
  const isLifeline = alert === 'NinefoldDown'
  return grafanaRule(
    uidOf('health', alert),
    { expr: recorded, above: -0.5, noDataState: 'OK', execErrState: isLifeline ? 'Alerting' : 'KeepLast' },
    { ...rule, title: alert, annotations: Object.fromEntries(texts) },
  )
}

const group = (name: string, rules: readonly GrafanaRule[]) => ({
  orgId: 1,
  name,
  folder: 'Ninefold',
  interval: '60s',
  rules,
})

/**
 * Alert rules for Grafana's file provisioning, over the same series as `buildPrometheusRules`: those of every SLO, and of the pipeline but for the
 * sign of life.
 */
export function grafanaRuleGroups(specs: SpecSet, viewerUrl: string | undefined) {
  const ofSlos = specs.slos.map(slo =>
    group(`ninefold-slo-${slo.name}`, [
      ...slo.alerts.map(rule => burnRule(slo, rule, viewerUrl)),
      ...(hasAlert(slo, 'no-data') ? [silenceRule(slo, viewerUrl)] : []),
    ]),
  )
  const health = pipelineRules.filter(({ labels }) => labels?.severity !== 'none').map(healthRule)
  return [...ofSlos.filter(({ rules }) => rules.length > 0), group('ninefold-health', health)]
}
