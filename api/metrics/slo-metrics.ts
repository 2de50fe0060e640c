import { type Attributes, ValueType } from '@opentelemetry/api'
import { AggregationTemporality, DataPointType, type MetricData } from '@opentelemetry/sdk-metrics'
import type { AlertEpisode } from '../../compute/alerts/episode.ts'
import type { Counts, SloStatus } from '../../compute/budget/status.ts'
import type { LayerSample } from './layer-samples.ts'
import type { MonotonicCounts } from './monotonic-counts.ts'
import type { RatioSample } from './ratio-samples.ts'

/** What the series show; each tick of the evaluation replaces it. */
export interface MetricsSnapshot {
  readonly statuses: readonly SloStatus[]
  readonly firing: readonly Pick<AlertEpisode, 'slo' | 'service' | 'severity'>[]
  /** Events counted since the process began, by SLO. */
  readonly totals: ReadonlyMap<string, Counts>
  /** The worst values of a few layers (`readLayerSamples`). */
  readonly layers: readonly LayerSample[]
  /** `readRatioSamples`. */
  readonly ratios: readonly RatioSample[]
}

const descriptions = {
  slo_objective_ratio: 'The promise, as a share of valid events',
  slo_sli_ratio: 'good / valid over a window',
  slo_error_budget_remaining_ratio: 'Share of the error budget left; negative when overspent',
  slo_burn_rate: 'Error rate over a window / allowed error rate',
  slo_coverage_ratio: 'Share of the window in which the signal was received',
  slo_alert_firing: '1 while an alert of this severity fires',
  slo_good_events_total: 'Good events since the process began',
  slo_valid_events_total: 'Valid events since the process began',
  ratio_value: 'numerator / denominator over a window; absent while the denominator is 0',
} as const

type SeriesName = keyof typeof descriptions
type Sample = readonly [attributes: Attributes, value: number]

const severities = ['page', 'ticket', 'no-data'] as const

/** The series of SLOs and ratios of one scrape: what is not in the snapshot any more is not in the scrape either. */
export function sloMetrics(snapshot: MetricsSnapshot, counts: MonotonicCounts, nowMs: number): MetricData[] {
  const samples = new Map<SeriesName, Sample[]>()
  const add = (name: SeriesName, attributes: Attributes, value: number | null) => {
    if (value === null) return
    const known = samples.get(name)
    if (known === undefined) samples.set(name, [[attributes, value]])
    else known.push([attributes, value])
  }
  const firing = new Set(snapshot.firing.map(({ slo, severity }) => `${severity}/${slo}`))
  for (const status of snapshot.statuses) {
    const labels = { slo: status.name, service: status.service }
    add('slo_objective_ratio', labels, status.objective)
    add('slo_error_budget_remaining_ratio', labels, status.errorBudget.remainingRatio)
    add('slo_coverage_ratio', labels, status.coverage)
    add('slo_sli_ratio', { ...labels, window: status.window.text }, status.sli)
    for (const burn of status.burnRates) add('slo_burn_rate', { ...labels, window: burn.window }, burn.rate)
    for (const severity of severities)
      add('slo_alert_firing', { ...labels, severity }, firing.has(`${severity}/${status.name}`) ? 1 : 0)
    const total = snapshot.totals.get(status.name)
    if (total === undefined) continue
    const shown = counts.show(status.name, status.revision, total)
    add('slo_good_events_total', labels, Number(shown.good))
    add('slo_valid_events_total', labels, Number(shown.valid))
  }
  for (const { slo, service, window, layer, value, sli, burnRate } of snapshot.layers) {
    const labels = { slo, service, window, layer, layer_value: value }
    add('slo_sli_ratio', labels, sli)
    add('slo_burn_rate', labels, burnRate)
  }
  for (const { ratio, window, value, layer } of snapshot.ratios) {
    const labels = layer === undefined ? {} : { layer: layer.name, layer_value: layer.value }
    add('ratio_value', { ratio, window, ...labels }, value)
  }
  return [...samples].map(([name, points]) => metricData(name, points, nowMs))
}

function metricData(name: SeriesName, points: readonly Sample[], nowMs: number): MetricData {
  const time: [number, number] = [Math.floor(nowMs / 1000), (nowMs % 1000) * 1_000_000]
  const base = {
    descriptor: { name, description: descriptions[name], unit: '', valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    dataPoints: points.map(([attributes, value]) => ({ startTime: time, endTime: time, attributes, value })),
  } as const
  return name.endsWith('_total')
    ? { ...base, dataPointType: DataPointType.SUM, isMonotonic: true }
    : { ...base, dataPointType: DataPointType.GAUGE }
}
