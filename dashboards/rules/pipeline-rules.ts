import type { Rule } from './rule.ts'

/** As a sink's `/readyz` has it: fewer payloads than this are taken in within seconds. */
const lagBound = 10_000
/** Minutes of history that the evaluation may have to work out anew and still be called current. */
const pendingMinutesBound = 60

const staleAfter = '5m'

/** Of this page there is a section for each rule; a test compares. */
const runbook = (alert: string) => `docs/runbooks/pipeline.md#${alert.toLowerCase()}`

type Severity = 'critical' | 'warning' | 'none'

/** @param told what is wrong, and what it means: both in words for whoever is paged. */
function rule(
  alert: string,
  severity: Severity,
  expr: string,
  told: { readonly summary: string; readonly description: string },
  after?: string,
): Rule {
  return {
    alert,
    expr,
    ...(after === undefined ? {} : { for: after }),
    labels: { severity },
    annotations: { ...told, runbook: runbook(alert) },
  }
}

/**
 * What a counter has risen by within the window, and above 0. A series that begins with a number, because its process was started into it,
 * has risen too: `increase` alone does not see that.
 */
function risen(counter: string, window: string): string {
  return `(increase(${counter}[${window}]) > 0 or (${counter} > 0 unless ${counter} offset ${window}))`
}

const lag = 'sum by (topic) (ninefold_bus_lag_records)'
const storeReasons = 'STORE_.+|DISK_FULL'

/** The health of the pipeline, over the series of every role's /metrics. */
export const pipelineRules: readonly Rule[] = [
  rule(
    'NinefoldDown',
    'critical',
    'absent(slo_objective_ratio)',
    {
      summary: 'Ninefold reports no SLO',
      description: 'No SLO series for five minutes: nobody would be paged. Check the instance, then its specs.',
    },
    staleAfter,
  ),
  rule(
    'NinefoldEvaluationStalled',
    'critical',
    `increase(ninefold_tick_seconds_count[${staleAfter}]) == 0`,
    {
      summary: 'Ninefold does not evaluate',
      description: 'No evaluation for five minutes: budgets and burn rates stand still. See the log for tick failures.',
    },
    staleAfter,
  ),
  rule(
    'NinefoldPartitionWaits',
    'critical',
    `max by (topic, partition, reason) (ninefold_sink_waiting_seconds{reason!~"${storeReasons}"}) > 60`,
    {
      summary: '{{ $labels.topic }}/{{ $labels.partition }} waits',
      description:
        '{{ $labels.topic }}/{{ $labels.partition }} has not got on for {{ $value | humanizeDuration }}: {{ $labels.reason }}. Nothing is passed over, and nothing lost before retention deletes it.',
    },
  ),
  rule(
    'NinefoldStoreRefuses',
    'critical',
    `max by (topic, reason) (ninefold_sink_waiting_seconds{reason=~"${storeReasons}"}) > 60`,
    {
      summary: 'The store takes no {{ $labels.topic }}',
      description:
        'Inserts of {{ $labels.topic }} have failed for {{ $value | humanizeDuration }}: {{ $labels.reason }}. What arrives is kept on the bus.',
    },
  ),
  rule('NinefoldCoverageLost', 'critical', `sum by (topic, reason) ${risen('ninefold_sink_dropped_total', '1h')}`, {
    summary: 'Telemetry of {{ $labels.topic }} is lost',
    description:
      '{{ $value | printf "%.0f" }} payloads of {{ $labels.topic }} were acknowledged and will not be stored ({{ $labels.reason }}): SLOs of that time count fewer events than there were.',
  }),
  rule('NinefoldDeadLetters', 'warning', `sum by (topic, reason) ${risen('ninefold_sink_dead_letters_total', '1h')}`, {
    summary: 'Payloads of {{ $labels.topic }} could not be stored',
    description:
      '{{ $value | printf "%.0f" }} dead letters within the last hour ({{ $labels.reason }}): `ninefold dead-letters list` names them.',
  }),
  rule(
    'NinefoldBehind',
    'warning',
    `${lag} > ${lagBound}`,
    {
      summary: 'The store is behind',
      description: '{{ $value | printf "%.0f" }} payloads of {{ $labels.topic }} wait on the bus.',
    },
    '10m',
  ),
  rule(
    'NinefoldFallsBehind',
    'critical',
    `${lag} > ${lagBound} and deriv(ninefold:bus_lag_records:sum[15m]) > 0`,
    {
      summary: 'The store falls further behind',
      description:
        '{{ $value | printf "%.0f" }} payloads of {{ $labels.topic }} wait on the bus, and more arrive than are stored. What retention deletes before that is lost.',
    },
    '15m',
  ),
  rule(
    'NinefoldNoSink',
    'critical',
    'sum(ninefold_sink_partitions) == 0 or (absent(ninefold_sink_partitions) and on () sum(rate(ninefold_otlp_items_total[5m])) > 0)',
    {
      summary: 'No sink has a partition',
      description:
        'No sink runs, or none is let into its group: what is taken in is not stored. It is kept on the bus until retention deletes it.',
    },
    '5m',
  ),
  rule(
    'NinefoldEvaluationFails',
    'critical',
    `sum by (instance, code) ${risen('ninefold_tick_failures_total', '5m')}`,
    {
      summary: '{{ $labels.instance }} does not evaluate',
      description:
        'Evaluation has failed for five minutes: {{ $labels.code }}. Its SLOs stand still and nobody is paged.',
    },
    '5m',
  ),
  rule(
    'NinefoldEvaluationBehind',
    'warning',
    `max by (instance) (ninefold_rollup_pending_minutes) > ${pendingMinutesBound}`,
    {
      summary: '{{ $labels.instance }} is behind with its evaluation',
      description: '{{ $value }} minutes have changed and are not counted yet: numbers of the past may still move.',
    },
    '15m',
  ),
  rule('NinefoldWatchdog', 'none', 'vector(1)', {
    summary: 'The way to the pager works',
    description: 'Always fires. Let the receiver page when this stops arriving.',
  }),
]

/** What the rules above look at over time. */
export const pipelineRecordings: readonly Rule[] = [{ record: 'ninefold:bus_lag_records:sum', expr: lag }]
