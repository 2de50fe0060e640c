import type { Meter } from '@opentelemetry/api'
import type { ErrorCode } from '../../lib/errors.ts'
import type { TransactionRun } from './run-transaction.ts'

/**
 * Why a due run was not made: one before it was still under way; it would have begun too late; its addresses may not be called; too many of
 * other transactions were under way.
 */
export type SkipReason = 'running' | 'late' | 'refused' | 'busy'

/** The prober's own numbers, all `ninefold_synthetic_*`. */
export interface ProberMetrics {
  ran(run: TransactionRun): void
  skipped(transaction: string, reason: SkipReason, count: number): void
  /** A result that the bus did not take. */
  lost(transaction: string, code: ErrorCode): void
}

export function createProberMetrics(meter: Meter): ProberMetrics {
  const runs = meter.createCounter('ninefold_synthetic_runs_total', {
    description: 'Runs of synthetic transactions, failed ones too.',
  })
  const failures = meter.createCounter('ninefold_synthetic_failures_total', {
    description: 'Runs that failed, by reason.',
  })
  const skipped = meter.createCounter('ninefold_synthetic_skipped_total', {
    description: 'Runs that were due and not made, by reason.',
  })
  const lost = meter.createCounter('ninefold_synthetic_lost_total', {
    description: 'Runs whose result the bus did not take, by error code.',
  })
  const duration = meter.createHistogram('ninefold_synthetic_run_seconds', {
    description: 'From the first request of a run to its last answer.',
    unit: 's',
    advice: { explicitBucketBoundaries: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60] },
  })
  return {
    ran: ({ transaction: { name }, startMs, endMs, failure }) => {
      runs.add(1, { transaction: name })
      duration.record((endMs - startMs) / 1000, { transaction: name })
      if (failure !== undefined) failures.add(1, { transaction: name, reason: failure.reason })
    },
    skipped: (transaction, reason, count) => {
      if (count > 0) skipped.add(count, { transaction, reason })
    },
    lost: (transaction, code) => lost.add(1, { transaction, code }),
  }
}
