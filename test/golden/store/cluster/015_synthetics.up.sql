CREATE VIEW synthetic_results ON CLUSTER `all` AS
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

CREATE MATERIALIZED VIEW arrivals_synthetics_mv ON CLUSTER `all` TO arrivals_local AS
SELECT 'synthetics' AS Signal, toDateTime(toStartOfMinute(Timestamp), 'UTC') AS Minute, now64(3, 'UTC') AS InsertedAt, count() AS Rows
FROM otel_traces_local
WHERE Synthetic AND mapContains(SpanAttributes, 'ninefold.synthetic.transaction')
GROUP BY Minute;
