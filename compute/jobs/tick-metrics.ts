import type { Meter } from '@opentelemetry/api'
import type { TickResult } from './evaluator-options.ts'

export function createTickMetrics(meter: Meter) {
  const seconds = meter.createHistogram('ninefold_tick_seconds', {
    description: 'Duration of an evaluation tick.',
    unit: 's',
  })
  const minutes = meter.createCounter('ninefold_rollup_minutes_total', { description: 'Dirty minutes computed.' })
  const rows = meter.createCounter('ninefold_rollup_rows_total', { description: 'Raw rows the computed minutes held.' })
  const failures = meter.createCounter('ninefold_tick_failures_total', { description: 'Failed ticks, by error code.' })
  const pending = meter.createGauge('ninefold_rollup_pending_minutes', {
    description: 'Dirty minutes not computed yet.',
  })
  const history = meter.createGauge('ninefold_history_revisions_left', {
    description: 'SLO revisions whose history is not complete yet.',
  })
  const shards = meter.createGauge('ninefold_compute_shards', { description: 'Shards of SLOs that this process has.' })
  return {
    observe: (result: TickResult) => {
      seconds.record(result.durationMs / 1000)
      minutes.add(result.minutes)
      rows.add(result.rows)
      pending.record(result.pendingMinutes)
      history.record(result.historyLeft)
      shards.record(result.shards)
    },
    failed: (code: string) => failures.add(1, { code }),
  }
}
