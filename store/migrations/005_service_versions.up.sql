-- When each version of each service was first seen in traces: a deployment as it happened. Filled while minutes are rolled up;
-- the earliest wins, so that late events move it back and repeating changes nothing.
CREATE TABLE service_versions (
  Service LowCardinality(String),
  ServiceVersion String,
  FirstSeen SimpleAggregateFunction(min, DateTime64(3, 'UTC')),
  LastSeen SimpleAggregateFunction(max, DateTime64(3, 'UTC'))
) ENGINE = AggregatingMergeTree
ORDER BY (Service, ServiceVersion);
