/**
 * Which spans are runs of synthetic transactions, and how they read (see the migration that makes the view of this text; here it is for
 * tables that others fill, which no migration touches).
 */
export const syntheticResultsSelect = `SELECT
  Timestamp,
  SpanName AS Transaction,
  toLowCardinality(if(SpanAttributes['ninefold.synthetic.service'] != '', SpanAttributes['ninefold.synthetic.service'], otel_traces.ServiceName)) AS ServiceName,
  StatusCode,
  Duration,
  SpanAttributes['ninefold.synthetic.failed_step'] AS FailedStep,
  SpanAttributes['error.type'] AS Reason,
  StatusMessage,
  TraceId,
  SpanAttributes,
  ResourceAttributes,
  Region, AvailabilityZone, Cluster, Node, Pod, Container, Process, Component, Environment,
  Synthetic
FROM otel_traces
WHERE Synthetic AND mapContains(SpanAttributes, 'ninefold.synthetic.transaction')`
