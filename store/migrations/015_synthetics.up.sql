-- Runs of synthetic transactions, out of the traces that they are: the prober's span of a whole run is `synthetic` and names the transaction
-- (`ninefold.synthetic.transaction`); spans of its steps name a step. So nothing is stored twice, and what another prober sends counts as well.
-- ServiceName is the service that was asked; in otel_traces it is the prober's own, so that no promise about real traffic counts these spans.
CREATE VIEW synthetic_results AS
SELECT
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
WHERE Synthetic AND mapContains(SpanAttributes, 'ninefold.synthetic.transaction');

CREATE MATERIALIZED VIEW arrivals_synthetics_mv TO arrivals AS
SELECT 'synthetics' AS Signal, toDateTime(toStartOfMinute(Timestamp), 'UTC') AS Minute, now64(3, 'UTC') AS InsertedAt, count() AS Rows
FROM otel_traces
WHERE Synthetic AND mapContains(SpanAttributes, 'ninefold.synthetic.transaction')
GROUP BY Minute;
