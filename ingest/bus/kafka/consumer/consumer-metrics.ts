import type { Histogram, Meter } from '@opentelemetry/api'
import type { PartitionLease } from '../../bus.ts'
import { observeSeries } from '../../series-gauge.ts'

export interface ConsumerMetrics {
  readonly commitSeconds: Histogram
  /** @param pauseMs since it heard of the rebalance and began nothing new; null for its first assignment. */
  rebalanced(pauseMs: number | null): void
}

/** The consumer's own numbers, all `ninefold_bus_*`; gauges are read when they are collected. */
export function observeConsumer(
  meter: Meter,
  read: { leases(): readonly PartitionLease[]; bufferedBytes(): number },
): ConsumerMetrics {
  const rebalances = meter.createCounter('ninefold_bus_rebalances_total', { description: 'Assignments received' })
  const commitSeconds = meter.createHistogram('ninefold_bus_commit_seconds', {
    description: 'From a commit to the answer of the group coordinator',
  })
  const rebalanceSeconds = meter.createHistogram('ninefold_bus_rebalance_seconds', {
    description: 'From hearing of a rebalance to the next assignment: nothing new is begun meanwhile',
  })
  meter
    .createObservableGauge('ninefold_bus_buffered_bytes', { description: 'Bytes read ahead and not stored yet' })
    .addCallback(observer => observer.observe(read.bufferedBytes()))
  observeSeries(meter, 'ninefold_bus_lag_records', 'Records behind the position, of partitions held', () =>
    read.leases().map(lease => {
      const { topic, partition } = lease
      return { value: lagOf(lease), attributes: { topic, partition: String(partition) } }
    }),
  )
  const rebalanced: ConsumerMetrics['rebalanced'] = pauseMs => {
    rebalances.add(1)
    if (pauseMs !== null) rebalanceSeconds.record(pauseMs / 1000)
  }
  return { commitSeconds, rebalanced }
}

/** The end is what was last heard; a position that has passed it since is not behind. */
export function lagOf(lease: PartitionLease): number {
  return Math.max(0, Number(lease.endOffset() - lease.committed().next))
}
