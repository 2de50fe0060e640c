-- Raw telemetry, in the names and types of the OpenTelemetry Collector's ClickHouse exporter, so that its tables and ours can be read
-- alike. Columns of our own come last and have defaults, so that a foreign writer need not know them: the layer an event came from, and
-- whether it is synthetic. The minmax index makes "this minute's rows" cheap although the order is by service.
-- fsync_after_insert: what the sink reports as stored survives a power cut. The deduplication window makes a replayed batch harmless.

CREATE TABLE otel_traces (
  Timestamp DateTime64(9) CODEC(Delta, ZSTD(1)),
  TraceId String CODEC(ZSTD(1)),
  SpanId String CODEC(ZSTD(1)),
  ParentSpanId String CODEC(ZSTD(1)),
  TraceState String CODEC(ZSTD(1)),
  SpanName LowCardinality(String) CODEC(ZSTD(1)),
  SpanKind LowCardinality(String) CODEC(ZSTD(1)),
  ServiceName LowCardinality(String) CODEC(ZSTD(1)),
  ResourceAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
  ScopeName String CODEC(ZSTD(1)),
  ScopeVersion String CODEC(ZSTD(1)),
  SpanAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
  Duration UInt64 CODEC(ZSTD(1)),
  StatusCode LowCardinality(String) CODEC(ZSTD(1)),
  StatusMessage String CODEC(ZSTD(1)),
  Events Nested (Timestamp DateTime64(9), Name LowCardinality(String), Attributes Map(LowCardinality(String), String)) CODEC(ZSTD(1)),
  Links Nested (TraceId String, SpanId String, TraceState String, Attributes Map(LowCardinality(String), String)) CODEC(ZSTD(1)),
  Region LowCardinality(String) DEFAULT ResourceAttributes['cloud.region'] CODEC(ZSTD(1)),
  AvailabilityZone LowCardinality(String) DEFAULT ResourceAttributes['cloud.availability_zone'] CODEC(ZSTD(1)),
  Cluster LowCardinality(String) DEFAULT ResourceAttributes['k8s.cluster.name'] CODEC(ZSTD(1)),
  Node LowCardinality(String) DEFAULT if(ResourceAttributes['k8s.node.name'] != '', ResourceAttributes['k8s.node.name'], ResourceAttributes['host.name']) CODEC(ZSTD(1)),
  Pod LowCardinality(String) DEFAULT ResourceAttributes['k8s.pod.name'] CODEC(ZSTD(1)),
  Container LowCardinality(String) DEFAULT ResourceAttributes['k8s.container.name'] CODEC(ZSTD(1)),
  Process LowCardinality(String) DEFAULT ResourceAttributes['process.executable.name'] CODEC(ZSTD(1)),
  Component LowCardinality(String) DEFAULT if(SpanAttributes['db.system.name'] != '', SpanAttributes['db.system.name'], if(SpanAttributes['messaging.system'] != '', SpanAttributes['messaging.system'], SpanAttributes['peer.service'])) CODEC(ZSTD(1)),
  Environment LowCardinality(String) DEFAULT ResourceAttributes['deployment.environment.name'] CODEC(ZSTD(1)),
  Synthetic Bool DEFAULT SpanAttributes['synthetic'] = 'true' OR ResourceAttributes['synthetic'] = 'true' CODEC(ZSTD(1)),
  INDEX idx_timestamp Timestamp TYPE minmax GRANULARITY 1
) ENGINE = MergeTree
PARTITION BY toDate(Timestamp)
ORDER BY (ServiceName, SpanName, toDateTime(Timestamp))
TTL toDateTime(Timestamp) + INTERVAL 35 DAY
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000,
  fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE otel_traces_trace_id_ts (
  TraceId String CODEC(ZSTD(1)),
  Start DateTime CODEC(Delta, ZSTD(1)),
  End DateTime CODEC(Delta, ZSTD(1)),
  INDEX idx_trace_id TraceId TYPE bloom_filter(0.01) GRANULARITY 1
) ENGINE = MergeTree
PARTITION BY toDate(Start)
ORDER BY (TraceId, Start)
TTL Start + INTERVAL 35 DAY
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW otel_traces_trace_id_ts_mv TO otel_traces_trace_id_ts AS
SELECT TraceId, min(Timestamp) AS Start, max(Timestamp) AS End
FROM otel_traces
WHERE TraceId != ''
GROUP BY TraceId;

CREATE TABLE otel_logs (
  Timestamp DateTime64(9) CODEC(Delta, ZSTD(1)),
  TraceId String CODEC(ZSTD(1)),
  SpanId String CODEC(ZSTD(1)),
  TraceFlags UInt8,
  SeverityText LowCardinality(String) CODEC(ZSTD(1)),
  SeverityNumber UInt8,
  ServiceName LowCardinality(String) CODEC(ZSTD(1)),
  Body String CODEC(ZSTD(1)),
  ResourceSchemaUrl LowCardinality(String) CODEC(ZSTD(1)),
  ResourceAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
  ScopeSchemaUrl LowCardinality(String) CODEC(ZSTD(1)),
  ScopeName String CODEC(ZSTD(1)),
  ScopeVersion LowCardinality(String) CODEC(ZSTD(1)),
  ScopeAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
  LogAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
  EventName String CODEC(ZSTD(1)),
  `__otel_materialized_k8s.cluster.name` LowCardinality(String) MATERIALIZED ResourceAttributes['k8s.cluster.name'] CODEC(ZSTD(1)),
  `__otel_materialized_k8s.container.name` LowCardinality(String) MATERIALIZED ResourceAttributes['k8s.container.name'] CODEC(ZSTD(1)),
  `__otel_materialized_k8s.deployment.name` LowCardinality(String) MATERIALIZED ResourceAttributes['k8s.deployment.name'] CODEC(ZSTD(1)),
  `__otel_materialized_k8s.namespace.name` LowCardinality(String) MATERIALIZED ResourceAttributes['k8s.namespace.name'] CODEC(ZSTD(1)),
  `__otel_materialized_k8s.node.name` LowCardinality(String) MATERIALIZED ResourceAttributes['k8s.node.name'] CODEC(ZSTD(1)),
  `__otel_materialized_k8s.pod.name` LowCardinality(String) MATERIALIZED ResourceAttributes['k8s.pod.name'] CODEC(ZSTD(1)),
  `__otel_materialized_k8s.pod.uid` LowCardinality(String) MATERIALIZED ResourceAttributes['k8s.pod.uid'] CODEC(ZSTD(1)),
  `__otel_materialized_deployment.environment.name` LowCardinality(String) MATERIALIZED ResourceAttributes['deployment.environment.name'] CODEC(ZSTD(1)),
  Region LowCardinality(String) DEFAULT ResourceAttributes['cloud.region'] CODEC(ZSTD(1)),
  AvailabilityZone LowCardinality(String) DEFAULT ResourceAttributes['cloud.availability_zone'] CODEC(ZSTD(1)),
  Cluster LowCardinality(String) DEFAULT ResourceAttributes['k8s.cluster.name'] CODEC(ZSTD(1)),
  Node LowCardinality(String) DEFAULT if(ResourceAttributes['k8s.node.name'] != '', ResourceAttributes['k8s.node.name'], ResourceAttributes['host.name']) CODEC(ZSTD(1)),
  Pod LowCardinality(String) DEFAULT ResourceAttributes['k8s.pod.name'] CODEC(ZSTD(1)),
  Container LowCardinality(String) DEFAULT ResourceAttributes['k8s.container.name'] CODEC(ZSTD(1)),
  Process LowCardinality(String) DEFAULT ResourceAttributes['process.executable.name'] CODEC(ZSTD(1)),
  Component LowCardinality(String) DEFAULT if(LogAttributes['db.system.name'] != '', LogAttributes['db.system.name'], if(LogAttributes['messaging.system'] != '', LogAttributes['messaging.system'], LogAttributes['peer.service'])) CODEC(ZSTD(1)),
  Environment LowCardinality(String) DEFAULT ResourceAttributes['deployment.environment.name'] CODEC(ZSTD(1)),
  Synthetic Bool DEFAULT LogAttributes['synthetic'] = 'true' OR ResourceAttributes['synthetic'] = 'true' CODEC(ZSTD(1)),
  INDEX idx_timestamp Timestamp TYPE minmax GRANULARITY 1
) ENGINE = MergeTree
PARTITION BY toDate(Timestamp)
ORDER BY (toStartOfFiveMinutes(Timestamp), ServiceName, Timestamp)
TTL toDateTime(Timestamp) + INTERVAL 35 DAY
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000,
  fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE otel_metrics_gauge (
  ResourceAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
  ResourceSchemaUrl String CODEC(ZSTD(1)),
  ScopeName String CODEC(ZSTD(1)),
  ScopeVersion String CODEC(ZSTD(1)),
  ScopeAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
  ScopeDroppedAttrCount UInt32 CODEC(ZSTD(1)),
  ScopeSchemaUrl String CODEC(ZSTD(1)),
  ServiceName LowCardinality(String) CODEC(ZSTD(1)),
  MetricName LowCardinality(String) CODEC(ZSTD(1)),
  MetricDescription String CODEC(ZSTD(1)),
  MetricUnit String CODEC(ZSTD(1)),
  Attributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
  StartTimeUnix DateTime CODEC(Delta, ZSTD(1)),
  TimeUnix DateTime CODEC(Delta, ZSTD(1)),
  Value Float64 CODEC(ZSTD(1)),
  Flags UInt32 CODEC(ZSTD(1)),
  Exemplars Nested (FilteredAttributes Map(LowCardinality(String), String), TimeUnix DateTime, Value Float64, SpanId String, TraceId String) CODEC(ZSTD(1)),
  Region LowCardinality(String) DEFAULT ResourceAttributes['cloud.region'] CODEC(ZSTD(1)),
  AvailabilityZone LowCardinality(String) DEFAULT ResourceAttributes['cloud.availability_zone'] CODEC(ZSTD(1)),
  Cluster LowCardinality(String) DEFAULT ResourceAttributes['k8s.cluster.name'] CODEC(ZSTD(1)),
  Node LowCardinality(String) DEFAULT if(ResourceAttributes['k8s.node.name'] != '', ResourceAttributes['k8s.node.name'], ResourceAttributes['host.name']) CODEC(ZSTD(1)),
  Pod LowCardinality(String) DEFAULT ResourceAttributes['k8s.pod.name'] CODEC(ZSTD(1)),
  Container LowCardinality(String) DEFAULT ResourceAttributes['k8s.container.name'] CODEC(ZSTD(1)),
  Process LowCardinality(String) DEFAULT ResourceAttributes['process.executable.name'] CODEC(ZSTD(1)),
  Component LowCardinality(String) DEFAULT if(Attributes['db.system.name'] != '', Attributes['db.system.name'], if(Attributes['messaging.system'] != '', Attributes['messaging.system'], Attributes['peer.service'])) CODEC(ZSTD(1)),
  Environment LowCardinality(String) DEFAULT ResourceAttributes['deployment.environment.name'] CODEC(ZSTD(1)),
  Synthetic Bool DEFAULT Attributes['synthetic'] = 'true' OR ResourceAttributes['synthetic'] = 'true' CODEC(ZSTD(1)),
  INDEX idx_time TimeUnix TYPE minmax GRANULARITY 1
) ENGINE = MergeTree
PARTITION BY toDate(TimeUnix)
ORDER BY (ServiceName, MetricName, toStartOfHour(TimeUnix), cityHash64(Attributes), TimeUnix)
TTL TimeUnix + INTERVAL 35 DAY
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000,
  fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE otel_metrics_sum (
  ResourceAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
  ResourceSchemaUrl String CODEC(ZSTD(1)),
  ScopeName String CODEC(ZSTD(1)),
  ScopeVersion String CODEC(ZSTD(1)),
  ScopeAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
  ScopeDroppedAttrCount UInt32 CODEC(ZSTD(1)),
  ScopeSchemaUrl String CODEC(ZSTD(1)),
  ServiceName LowCardinality(String) CODEC(ZSTD(1)),
  MetricName LowCardinality(String) CODEC(ZSTD(1)),
  MetricDescription String CODEC(ZSTD(1)),
  MetricUnit String CODEC(ZSTD(1)),
  Attributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
  StartTimeUnix DateTime CODEC(Delta, ZSTD(1)),
  TimeUnix DateTime CODEC(Delta, ZSTD(1)),
  Value Float64 CODEC(ZSTD(1)),
  Flags UInt32 CODEC(ZSTD(1)),
  Exemplars Nested (FilteredAttributes Map(LowCardinality(String), String), TimeUnix DateTime, Value Float64, SpanId String, TraceId String) CODEC(ZSTD(1)),
  AggregationTemporality Int32 CODEC(ZSTD(1)),
  IsMonotonic Boolean CODEC(Delta, ZSTD(1)),
  Region LowCardinality(String) DEFAULT ResourceAttributes['cloud.region'] CODEC(ZSTD(1)),
  AvailabilityZone LowCardinality(String) DEFAULT ResourceAttributes['cloud.availability_zone'] CODEC(ZSTD(1)),
  Cluster LowCardinality(String) DEFAULT ResourceAttributes['k8s.cluster.name'] CODEC(ZSTD(1)),
  Node LowCardinality(String) DEFAULT if(ResourceAttributes['k8s.node.name'] != '', ResourceAttributes['k8s.node.name'], ResourceAttributes['host.name']) CODEC(ZSTD(1)),
  Pod LowCardinality(String) DEFAULT ResourceAttributes['k8s.pod.name'] CODEC(ZSTD(1)),
  Container LowCardinality(String) DEFAULT ResourceAttributes['k8s.container.name'] CODEC(ZSTD(1)),
  Process LowCardinality(String) DEFAULT ResourceAttributes['process.executable.name'] CODEC(ZSTD(1)),
  Component LowCardinality(String) DEFAULT if(Attributes['db.system.name'] != '', Attributes['db.system.name'], if(Attributes['messaging.system'] != '', Attributes['messaging.system'], Attributes['peer.service'])) CODEC(ZSTD(1)),
  Environment LowCardinality(String) DEFAULT ResourceAttributes['deployment.environment.name'] CODEC(ZSTD(1)),
  Synthetic Bool DEFAULT Attributes['synthetic'] = 'true' OR ResourceAttributes['synthetic'] = 'true' CODEC(ZSTD(1)),
  INDEX idx_time TimeUnix TYPE minmax GRANULARITY 1
) ENGINE = MergeTree
PARTITION BY toDate(TimeUnix)
ORDER BY (ServiceName, MetricName, toStartOfHour(TimeUnix), cityHash64(Attributes), TimeUnix)
TTL TimeUnix + INTERVAL 35 DAY
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000,
  fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE otel_metrics_histogram (
  ResourceAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
  ResourceSchemaUrl String CODEC(ZSTD(1)),
  ScopeName String CODEC(ZSTD(1)),
  ScopeVersion String CODEC(ZSTD(1)),
  ScopeAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
  ScopeDroppedAttrCount UInt32 CODEC(ZSTD(1)),
  ScopeSchemaUrl String CODEC(ZSTD(1)),
  ServiceName LowCardinality(String) CODEC(ZSTD(1)),
  MetricName LowCardinality(String) CODEC(ZSTD(1)),
  MetricDescription String CODEC(ZSTD(1)),
  MetricUnit String CODEC(ZSTD(1)),
  Attributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
  StartTimeUnix DateTime CODEC(Delta, ZSTD(1)),
  TimeUnix DateTime CODEC(Delta, ZSTD(1)),
  Count UInt64 CODEC(Delta, ZSTD(1)),
  Sum Float64 CODEC(ZSTD(1)),
  BucketCounts Array(UInt64) CODEC(ZSTD(1)),
  ExplicitBounds Array(Float64) CODEC(ZSTD(1)),
  Exemplars Nested (FilteredAttributes Map(LowCardinality(String), String), TimeUnix DateTime, Value Float64, SpanId String, TraceId String) CODEC(ZSTD(1)),
  Flags UInt32 CODEC(ZSTD(1)),
  Min Float64 CODEC(ZSTD(1)),
  Max Float64 CODEC(ZSTD(1)),
  AggregationTemporality Int32 CODEC(ZSTD(1)),
  Region LowCardinality(String) DEFAULT ResourceAttributes['cloud.region'] CODEC(ZSTD(1)),
  AvailabilityZone LowCardinality(String) DEFAULT ResourceAttributes['cloud.availability_zone'] CODEC(ZSTD(1)),
  Cluster LowCardinality(String) DEFAULT ResourceAttributes['k8s.cluster.name'] CODEC(ZSTD(1)),
  Node LowCardinality(String) DEFAULT if(ResourceAttributes['k8s.node.name'] != '', ResourceAttributes['k8s.node.name'], ResourceAttributes['host.name']) CODEC(ZSTD(1)),
  Pod LowCardinality(String) DEFAULT ResourceAttributes['k8s.pod.name'] CODEC(ZSTD(1)),
  Container LowCardinality(String) DEFAULT ResourceAttributes['k8s.container.name'] CODEC(ZSTD(1)),
  Process LowCardinality(String) DEFAULT ResourceAttributes['process.executable.name'] CODEC(ZSTD(1)),
  Component LowCardinality(String) DEFAULT if(Attributes['db.system.name'] != '', Attributes['db.system.name'], if(Attributes['messaging.system'] != '', Attributes['messaging.system'], Attributes['peer.service'])) CODEC(ZSTD(1)),
  Environment LowCardinality(String) DEFAULT ResourceAttributes['deployment.environment.name'] CODEC(ZSTD(1)),
  Synthetic Bool DEFAULT Attributes['synthetic'] = 'true' OR ResourceAttributes['synthetic'] = 'true' CODEC(ZSTD(1)),
  INDEX idx_time TimeUnix TYPE minmax GRANULARITY 1
) ENGINE = MergeTree
PARTITION BY toDate(TimeUnix)
ORDER BY (ServiceName, MetricName, toStartOfHour(TimeUnix), cityHash64(Attributes), TimeUnix)
TTL TimeUnix + INTERVAL 35 DAY
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000,
  fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE otel_metrics_exponential_histogram (
  ResourceAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
  ResourceSchemaUrl String CODEC(ZSTD(1)),
  ScopeName String CODEC(ZSTD(1)),
  ScopeVersion String CODEC(ZSTD(1)),
  ScopeAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
  ScopeDroppedAttrCount UInt32 CODEC(ZSTD(1)),
  ScopeSchemaUrl String CODEC(ZSTD(1)),
  ServiceName LowCardinality(String) CODEC(ZSTD(1)),
  MetricName LowCardinality(String) CODEC(ZSTD(1)),
  MetricDescription String CODEC(ZSTD(1)),
  MetricUnit String CODEC(ZSTD(1)),
  Attributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
  StartTimeUnix DateTime CODEC(Delta, ZSTD(1)),
  TimeUnix DateTime CODEC(Delta, ZSTD(1)),
  Count UInt64 CODEC(Delta, ZSTD(1)),
  Sum Float64 CODEC(ZSTD(1)),
  Scale Int32 CODEC(ZSTD(1)),
  ZeroCount UInt64 CODEC(ZSTD(1)),
  PositiveOffset Int32 CODEC(ZSTD(1)),
  PositiveBucketCounts Array(UInt64) CODEC(ZSTD(1)),
  NegativeOffset Int32 CODEC(ZSTD(1)),
  NegativeBucketCounts Array(UInt64) CODEC(ZSTD(1)),
  Exemplars Nested (FilteredAttributes Map(LowCardinality(String), String), TimeUnix DateTime, Value Float64, SpanId String, TraceId String) CODEC(ZSTD(1)),
  Flags UInt32 CODEC(ZSTD(1)),
  Min Float64 CODEC(ZSTD(1)),
  Max Float64 CODEC(ZSTD(1)),
  AggregationTemporality Int32 CODEC(ZSTD(1)),
  Region LowCardinality(String) DEFAULT ResourceAttributes['cloud.region'] CODEC(ZSTD(1)),
  AvailabilityZone LowCardinality(String) DEFAULT ResourceAttributes['cloud.availability_zone'] CODEC(ZSTD(1)),
  Cluster LowCardinality(String) DEFAULT ResourceAttributes['k8s.cluster.name'] CODEC(ZSTD(1)),
  Node LowCardinality(String) DEFAULT if(ResourceAttributes['k8s.node.name'] != '', ResourceAttributes['k8s.node.name'], ResourceAttributes['host.name']) CODEC(ZSTD(1)),
  Pod LowCardinality(String) DEFAULT ResourceAttributes['k8s.pod.name'] CODEC(ZSTD(1)),
  Container LowCardinality(String) DEFAULT ResourceAttributes['k8s.container.name'] CODEC(ZSTD(1)),
  Process LowCardinality(String) DEFAULT ResourceAttributes['process.executable.name'] CODEC(ZSTD(1)),
  Component LowCardinality(String) DEFAULT if(Attributes['db.system.name'] != '', Attributes['db.system.name'], if(Attributes['messaging.system'] != '', Attributes['messaging.system'], Attributes['peer.service'])) CODEC(ZSTD(1)),
  Environment LowCardinality(String) DEFAULT ResourceAttributes['deployment.environment.name'] CODEC(ZSTD(1)),
  Synthetic Bool DEFAULT Attributes['synthetic'] = 'true' OR ResourceAttributes['synthetic'] = 'true' CODEC(ZSTD(1)),
  INDEX idx_time TimeUnix TYPE minmax GRANULARITY 1
) ENGINE = MergeTree
PARTITION BY toDate(TimeUnix)
ORDER BY (ServiceName, MetricName, toStartOfHour(TimeUnix), cityHash64(Attributes), TimeUnix)
TTL TimeUnix + INTERVAL 35 DAY
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000,
  fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE otel_metrics_summary (
  ResourceAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
  ResourceSchemaUrl String CODEC(ZSTD(1)),
  ScopeName String CODEC(ZSTD(1)),
  ScopeVersion String CODEC(ZSTD(1)),
  ScopeAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
  ScopeDroppedAttrCount UInt32 CODEC(ZSTD(1)),
  ScopeSchemaUrl String CODEC(ZSTD(1)),
  ServiceName LowCardinality(String) CODEC(ZSTD(1)),
  MetricName LowCardinality(String) CODEC(ZSTD(1)),
  MetricDescription String CODEC(ZSTD(1)),
  MetricUnit String CODEC(ZSTD(1)),
  Attributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
  StartTimeUnix DateTime CODEC(Delta, ZSTD(1)),
  TimeUnix DateTime CODEC(Delta, ZSTD(1)),
  Count UInt64 CODEC(Delta, ZSTD(1)),
  Sum Float64 CODEC(ZSTD(1)),
  ValueAtQuantiles Nested (Quantile Float64, Value Float64) CODEC(ZSTD(1)),
  Flags UInt32 CODEC(ZSTD(1)),
  Region LowCardinality(String) DEFAULT ResourceAttributes['cloud.region'] CODEC(ZSTD(1)),
  AvailabilityZone LowCardinality(String) DEFAULT ResourceAttributes['cloud.availability_zone'] CODEC(ZSTD(1)),
  Cluster LowCardinality(String) DEFAULT ResourceAttributes['k8s.cluster.name'] CODEC(ZSTD(1)),
  Node LowCardinality(String) DEFAULT if(ResourceAttributes['k8s.node.name'] != '', ResourceAttributes['k8s.node.name'], ResourceAttributes['host.name']) CODEC(ZSTD(1)),
  Pod LowCardinality(String) DEFAULT ResourceAttributes['k8s.pod.name'] CODEC(ZSTD(1)),
  Container LowCardinality(String) DEFAULT ResourceAttributes['k8s.container.name'] CODEC(ZSTD(1)),
  Process LowCardinality(String) DEFAULT ResourceAttributes['process.executable.name'] CODEC(ZSTD(1)),
  Component LowCardinality(String) DEFAULT if(Attributes['db.system.name'] != '', Attributes['db.system.name'], if(Attributes['messaging.system'] != '', Attributes['messaging.system'], Attributes['peer.service'])) CODEC(ZSTD(1)),
  Environment LowCardinality(String) DEFAULT ResourceAttributes['deployment.environment.name'] CODEC(ZSTD(1)),
  Synthetic Bool DEFAULT Attributes['synthetic'] = 'true' OR ResourceAttributes['synthetic'] = 'true' CODEC(ZSTD(1)),
  INDEX idx_time TimeUnix TYPE minmax GRANULARITY 1
) ENGINE = MergeTree
PARTITION BY toDate(TimeUnix)
ORDER BY (ServiceName, MetricName, toStartOfHour(TimeUnix), cityHash64(Attributes), TimeUnix)
TTL TimeUnix + INTERVAL 35 DAY
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000,
  fsync_after_insert = 1, fsync_part_directory = 1;
