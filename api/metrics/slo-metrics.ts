import type { BatchObservableResult, Meter } from '@opentelemetry/api'
import type { AlertEpisode } from '../../compute/alerts/episode.ts'
import type { Counts, SloStatus } from '../../compute/budget/status.ts'

/** What the series show; each tick of the evaluation replaces it. */
export interface MetricsSnapshot {
  readonly statuses: readonly SloStatus[]
  readonly firing: readonly Pick<AlertEpisode, 'slo' | 'service' | 'severity'>[]
  /** Events counted since the process began, by SLO: only ever grow, except after a restart. */
  readonly totals: ReadonlyMap<string, Counts>
}

/** Registers the SLO series; `snapshot` is called at each scrape and must be cheap. */
export function registerSloMetrics(meter: Meter, snapshot: () => MetricsSnapshot): void {
  const gauge = (name: string, description: string) => meter.createObservableGauge(name, { description })
  const series = {
    objective: gauge('slo_objective_ratio', 'The promise, as a share of valid events'),
    sli: gauge('slo_sli_ratio', 'good / valid over a window'),
    remaining: gauge('slo_error_budget_remaining_ratio', 'Share of the error budget left; negative when overspent'),
    burn: gauge('slo_burn_rate', 'Error rate over a window ÷ allowed error rate'),
    coverage: gauge('slo_coverage_ratio', 'Share of the window in which the signal was received'),
    firing: gauge('slo_alert_firing', '1 while an alert of this severity fires'),
    good: meter.createObservableCounter('slo_good_events_total', {
      description: 'Good events since the process began',
    }),
    valid: meter.createObservableCounter('slo_valid_events_total', {
      description: 'Valid events since the process began',
    }),
  }
  const observe = (result: BatchObservableResult) => {
    const { statuses, firing, totals } = snapshot()
    for (const status of statuses) {
      const labels = { slo: status.name, service: status.service }
      result.observe(series.objective, status.objective, labels)
      result.observe(series.remaining, status.errorBudget.remainingRatio, labels)
      result.observe(series.coverage, status.coverage, labels)
      if (status.sli !== null) result.observe(series.sli, status.sli, { ...labels, window: status.window.text })
      for (const { window, rate } of status.burnRates) {
        if (rate !== null) result.observe(series.burn, rate, { ...labels, window })
      }
      for (const severity of ['page', 'ticket', 'no-data'] as const) {
        const fires = firing.some(episode => episode.slo === status.name && episode.severity === severity)
        result.observe(series.firing, fires ? 1 : 0, { ...labels, severity })
      }
      const total = totals.get(status.name)
      if (total === undefined) continue
      result.observe(series.good, Number(total.good), labels)
      result.observe(series.valid, Number(total.valid), labels)
    }
  }
  meter.addBatchObservableCallback(observe, Object.values(series))
}
