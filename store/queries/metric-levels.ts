export const hasValue = 'bitAnd(Flags, 1) = 0'

/** Where each point has a value of its own: gauges, and sums that may fall. */
export const levels = [
  { table: 'otel_metrics_gauge', only: `${hasValue} AND isFinite(Value)` },
  {
    table: 'otel_metrics_sum',
    only: `${hasValue} AND isFinite(Value) AND NOT IsMonotonic AND AggregationTemporality = 2`,
  },
] as const
