CREATE TABLE otel_traces_local ON CLUSTER `all` (
  Timestamp DateTime64(9) CODEC(Delta, ZSTD(1)),
  TraceId String,
  SpanId String,
  ParentSpanId String,
  TraceState String,
  SpanName LowCardinality(String),
  SpanKind LowCardinality(String),
  ServiceName LowCardinality(String),
  ResourceAttributes Map(LowCardinality(String), String),
  ScopeName String,
  ScopeVersion String,
  SpanAttributes Map(LowCardinality(String), String),
  Duration UInt64,
  StatusCode LowCardinality(String),
  StatusMessage String,
  Events Nested (Timestamp DateTime64(9), Name LowCardinality(String), Attributes Map(LowCardinality(String), String)),
  Links Nested (TraceId String, SpanId String, TraceState String, Attributes Map(LowCardinality(String), String)),
  Region LowCardinality(String) DEFAULT ResourceAttributes['cloud.region'],
  AvailabilityZone LowCardinality(String) DEFAULT ResourceAttributes['cloud.availability_zone'],
  Cluster LowCardinality(String) DEFAULT ResourceAttributes['k8s.cluster.name'],
  Node LowCardinality(String) DEFAULT if(ResourceAttributes['k8s.node.name'] != '', ResourceAttributes['k8s.node.name'], ResourceAttributes['host.name']),
  Pod LowCardinality(String) DEFAULT ResourceAttributes['k8s.pod.name'],
  Container LowCardinality(String) DEFAULT ResourceAttributes['k8s.container.name'],
  Process LowCardinality(String) DEFAULT ResourceAttributes['process.executable.name'],
  Component LowCardinality(String) DEFAULT multiIf(SpanAttributes['db.system.name'] != '', SpanAttributes['db.system.name'], SpanAttributes['db.system'] != '', SpanAttributes['db.system'], SpanAttributes['messaging.system'] != '', SpanAttributes['messaging.system'], SpanAttributes['peer.service']),
  Environment LowCardinality(String) DEFAULT ResourceAttributes['deployment.environment.name'],
  Synthetic Bool DEFAULT SpanAttributes['synthetic'] = 'true' OR ResourceAttributes['synthetic'] = 'true',
  INDEX idx_timestamp Timestamp TYPE minmax GRANULARITY 1
) ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/ninefold/otel_traces_local', '{replica}')
PARTITION BY toDate(Timestamp)
ORDER BY (ServiceName, SpanName, toDateTime(Timestamp))
TTL toDateTime(Timestamp) + INTERVAL 35 DAY
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1, replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 31536000,
  fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 67108864, materialize_ttl_recalculate_only = 1;

CREATE TABLE otel_traces ON CLUSTER `all` AS otel_traces_local
ENGINE = Distributed('all', 'ninefold', 'otel_traces_local', cityHash64(ResourceAttributes));

CREATE TABLE otel_traces_trace_id_ts_local ON CLUSTER `all` (
  TraceId String,
  Start DateTime CODEC(Delta, ZSTD(1)),
  End DateTime CODEC(Delta, ZSTD(1)),
  INDEX idx_trace_id TraceId TYPE bloom_filter(0.01) GRANULARITY 1
) ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/ninefold/otel_traces_trace_id_ts_local', '{replica}')
PARTITION BY toDate(Start)
ORDER BY (TraceId, Start)
TTL Start + INTERVAL 35 DAY
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1, replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 31536000,
  materialize_ttl_recalculate_only = 1;

CREATE TABLE otel_traces_trace_id_ts ON CLUSTER `all` AS otel_traces_trace_id_ts_local
ENGINE = Distributed('all', 'ninefold', 'otel_traces_trace_id_ts_local', cityHash64(TraceId, Start));

CREATE MATERIALIZED VIEW otel_traces_trace_id_ts_mv ON CLUSTER `all` TO otel_traces_trace_id_ts_local AS
SELECT TraceId, min(Timestamp) AS Start, max(Timestamp) AS End
FROM otel_traces_local
WHERE TraceId != ''
GROUP BY TraceId;

CREATE TABLE otel_logs_local ON CLUSTER `all` (
  Timestamp DateTime64(9) CODEC(Delta, ZSTD(1)),
  TraceId String,
  SpanId String,
  TraceFlags UInt8,
  SeverityText LowCardinality(String),
  SeverityNumber UInt8,
  ServiceName LowCardinality(String),
  Body String,
  ResourceSchemaUrl LowCardinality(String),
  ResourceAttributes Map(LowCardinality(String), String),
  ScopeSchemaUrl LowCardinality(String),
  ScopeName String,
  ScopeVersion LowCardinality(String),
  ScopeAttributes Map(LowCardinality(String), String),
  LogAttributes Map(LowCardinality(String), String),
  EventName String,
  `__otel_materialized_k8s.cluster.name` LowCardinality(String) MATERIALIZED ResourceAttributes['k8s.cluster.name'],
  `__otel_materialized_k8s.container.name` LowCardinality(String) MATERIALIZED ResourceAttributes['k8s.container.name'],
  `__otel_materialized_k8s.deployment.name` LowCardinality(String) MATERIALIZED ResourceAttributes['k8s.deployment.name'],
  `__otel_materialized_k8s.namespace.name` LowCardinality(String) MATERIALIZED ResourceAttributes['k8s.namespace.name'],
  `__otel_materialized_k8s.node.name` LowCardinality(String) MATERIALIZED ResourceAttributes['k8s.node.name'],
  `__otel_materialized_k8s.pod.name` LowCardinality(String) MATERIALIZED ResourceAttributes['k8s.pod.name'],
  `__otel_materialized_k8s.pod.uid` LowCardinality(String) MATERIALIZED ResourceAttributes['k8s.pod.uid'],
  `__otel_materialized_deployment.environment.name` LowCardinality(String) MATERIALIZED ResourceAttributes['deployment.environment.name'],
  Region LowCardinality(String) DEFAULT ResourceAttributes['cloud.region'],
  AvailabilityZone LowCardinality(String) DEFAULT ResourceAttributes['cloud.availability_zone'],
  Cluster LowCardinality(String) DEFAULT ResourceAttributes['k8s.cluster.name'],
  Node LowCardinality(String) DEFAULT if(ResourceAttributes['k8s.node.name'] != '', ResourceAttributes['k8s.node.name'], ResourceAttributes['host.name']),
  Pod LowCardinality(String) DEFAULT ResourceAttributes['k8s.pod.name'],
  Container LowCardinality(String) DEFAULT ResourceAttributes['k8s.container.name'],
  Process LowCardinality(String) DEFAULT ResourceAttributes['process.executable.name'],
  Component LowCardinality(String) DEFAULT multiIf(LogAttributes['db.system.name'] != '', LogAttributes['db.system.name'], LogAttributes['db.system'] != '', LogAttributes['db.system'], LogAttributes['messaging.system'] != '', LogAttributes['messaging.system'], LogAttributes['peer.service']),
  Environment LowCardinality(String) DEFAULT ResourceAttributes['deployment.environment.name'],
  Synthetic Bool DEFAULT LogAttributes['synthetic'] = 'true' OR ResourceAttributes['synthetic'] = 'true',
  INDEX idx_timestamp Timestamp TYPE minmax GRANULARITY 1
) ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/ninefold/otel_logs_local', '{replica}')
PARTITION BY toDate(Timestamp)
ORDER BY (toStartOfFiveMinutes(Timestamp), ServiceName, Timestamp)
TTL toDateTime(Timestamp) + INTERVAL 35 DAY
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1, replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 31536000,
  fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 67108864, materialize_ttl_recalculate_only = 1;

CREATE TABLE otel_logs ON CLUSTER `all` AS otel_logs_local
ENGINE = Distributed('all', 'ninefold', 'otel_logs_local', cityHash64(ResourceAttributes));

CREATE TABLE otel_metrics_gauge_local ON CLUSTER `all` (
  ResourceAttributes Map(LowCardinality(String), String),
  ResourceSchemaUrl String,
  ScopeName String,
  ScopeVersion String,
  ScopeAttributes Map(LowCardinality(String), String),
  ScopeDroppedAttrCount UInt32,
  ScopeSchemaUrl String,
  ServiceName LowCardinality(String),
  MetricName LowCardinality(String),
  MetricDescription String,
  MetricUnit String,
  Attributes Map(LowCardinality(String), String),
  StartTimeUnix DateTime CODEC(Delta, ZSTD(1)),
  TimeUnix DateTime CODEC(Delta, ZSTD(1)),
  Value Float64,
  Flags UInt32,
  Exemplars Nested (FilteredAttributes Map(LowCardinality(String), String), TimeUnix DateTime, Value Float64, SpanId String, TraceId String),
  Region LowCardinality(String) DEFAULT ResourceAttributes['cloud.region'],
  AvailabilityZone LowCardinality(String) DEFAULT ResourceAttributes['cloud.availability_zone'],
  Cluster LowCardinality(String) DEFAULT ResourceAttributes['k8s.cluster.name'],
  Node LowCardinality(String) DEFAULT if(ResourceAttributes['k8s.node.name'] != '', ResourceAttributes['k8s.node.name'], ResourceAttributes['host.name']),
  Pod LowCardinality(String) DEFAULT ResourceAttributes['k8s.pod.name'],
  Container LowCardinality(String) DEFAULT ResourceAttributes['k8s.container.name'],
  Process LowCardinality(String) DEFAULT ResourceAttributes['process.executable.name'],
  Component LowCardinality(String) DEFAULT multiIf(Attributes['db.system.name'] != '', Attributes['db.system.name'], Attributes['db.system'] != '', Attributes['db.system'], Attributes['messaging.system'] != '', Attributes['messaging.system'], Attributes['peer.service']),
  Environment LowCardinality(String) DEFAULT ResourceAttributes['deployment.environment.name'],
  Synthetic Bool DEFAULT Attributes['synthetic'] = 'true' OR ResourceAttributes['synthetic'] = 'true',
  INDEX idx_time TimeUnix TYPE minmax GRANULARITY 1
) ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/ninefold/otel_metrics_gauge_local', '{replica}')
PARTITION BY toDate(TimeUnix)
ORDER BY (ServiceName, MetricName, toStartOfHour(TimeUnix), cityHash64(Attributes), TimeUnix)
TTL TimeUnix + INTERVAL 35 DAY
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1, replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 31536000,
  fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 67108864, materialize_ttl_recalculate_only = 1;

CREATE TABLE otel_metrics_gauge ON CLUSTER `all` AS otel_metrics_gauge_local
ENGINE = Distributed('all', 'ninefold', 'otel_metrics_gauge_local', cityHash64(ResourceAttributes));

CREATE TABLE otel_metrics_sum_local ON CLUSTER `all` (
  ResourceAttributes Map(LowCardinality(String), String),
  ResourceSchemaUrl String,
  ScopeName String,
  ScopeVersion String,
  ScopeAttributes Map(LowCardinality(String), String),
  ScopeDroppedAttrCount UInt32,
  ScopeSchemaUrl String,
  ServiceName LowCardinality(String),
  MetricName LowCardinality(String),
  MetricDescription String,
  MetricUnit String,
  Attributes Map(LowCardinality(String), String),
  StartTimeUnix DateTime CODEC(Delta, ZSTD(1)),
  TimeUnix DateTime CODEC(Delta, ZSTD(1)),
  Value Float64,
  Flags UInt32,
  Exemplars Nested (FilteredAttributes Map(LowCardinality(String), String), TimeUnix DateTime, Value Float64, SpanId String, TraceId String),
  AggregationTemporality Int32,
  IsMonotonic Boolean CODEC(Delta, ZSTD(1)),
  Region LowCardinality(String) DEFAULT ResourceAttributes['cloud.region'],
  AvailabilityZone LowCardinality(String) DEFAULT ResourceAttributes['cloud.availability_zone'],
  Cluster LowCardinality(String) DEFAULT ResourceAttributes['k8s.cluster.name'],
  Node LowCardinality(String) DEFAULT if(ResourceAttributes['k8s.node.name'] != '', ResourceAttributes['k8s.node.name'], ResourceAttributes['host.name']),
  Pod LowCardinality(String) DEFAULT ResourceAttributes['k8s.pod.name'],
  Container LowCardinality(String) DEFAULT ResourceAttributes['k8s.container.name'],
  Process LowCardinality(String) DEFAULT ResourceAttributes['process.executable.name'],
  Component LowCardinality(String) DEFAULT multiIf(Attributes['db.system.name'] != '', Attributes['db.system.name'], Attributes['db.system'] != '', Attributes['db.system'], Attributes['messaging.system'] != '', Attributes['messaging.system'], Attributes['peer.service']),
  Environment LowCardinality(String) DEFAULT ResourceAttributes['deployment.environment.name'],
  Synthetic Bool DEFAULT Attributes['synthetic'] = 'true' OR ResourceAttributes['synthetic'] = 'true',
  INDEX idx_time TimeUnix TYPE minmax GRANULARITY 1
) ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/ninefold/otel_metrics_sum_local', '{replica}')
PARTITION BY toDate(TimeUnix)
ORDER BY (ServiceName, MetricName, toStartOfHour(TimeUnix), cityHash64(Attributes), TimeUnix)
TTL TimeUnix + INTERVAL 35 DAY
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1, replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 31536000,
  fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 67108864, materialize_ttl_recalculate_only = 1;

CREATE TABLE otel_metrics_sum ON CLUSTER `all` AS otel_metrics_sum_local
ENGINE = Distributed('all', 'ninefold', 'otel_metrics_sum_local', cityHash64(ResourceAttributes));

CREATE TABLE otel_metrics_histogram_local ON CLUSTER `all` (
  ResourceAttributes Map(LowCardinality(String), String),
  ResourceSchemaUrl String,
  ScopeName String,
  ScopeVersion String,
  ScopeAttributes Map(LowCardinality(String), String),
  ScopeDroppedAttrCount UInt32,
  ScopeSchemaUrl String,
  ServiceName LowCardinality(String),
  MetricName LowCardinality(String),
  MetricDescription String,
  MetricUnit String,
  Attributes Map(LowCardinality(String), String),
  StartTimeUnix DateTime CODEC(Delta, ZSTD(1)),
  TimeUnix DateTime CODEC(Delta, ZSTD(1)),
  Count UInt64 CODEC(Delta, ZSTD(1)),
  Sum Float64,
  BucketCounts Array(UInt64),
  ExplicitBounds Array(Float64),
  Exemplars Nested (FilteredAttributes Map(LowCardinality(String), String), TimeUnix DateTime, Value Float64, SpanId String, TraceId String),
  Flags UInt32,
  Min Float64,
  Max Float64,
  AggregationTemporality Int32,
  Region LowCardinality(String) DEFAULT ResourceAttributes['cloud.region'],
  AvailabilityZone LowCardinality(String) DEFAULT ResourceAttributes['cloud.availability_zone'],
  Cluster LowCardinality(String) DEFAULT ResourceAttributes['k8s.cluster.name'],
  Node LowCardinality(String) DEFAULT if(ResourceAttributes['k8s.node.name'] != '', ResourceAttributes['k8s.node.name'], ResourceAttributes['host.name']),
  Pod LowCardinality(String) DEFAULT ResourceAttributes['k8s.pod.name'],
  Container LowCardinality(String) DEFAULT ResourceAttributes['k8s.container.name'],
  Process LowCardinality(String) DEFAULT ResourceAttributes['process.executable.name'],
  Component LowCardinality(String) DEFAULT multiIf(Attributes['db.system.name'] != '', Attributes['db.system.name'], Attributes['db.system'] != '', Attributes['db.system'], Attributes['messaging.system'] != '', Attributes['messaging.system'], Attributes['peer.service']),
  Environment LowCardinality(String) DEFAULT ResourceAttributes['deployment.environment.name'],
  Synthetic Bool DEFAULT Attributes['synthetic'] = 'true' OR ResourceAttributes['synthetic'] = 'true',
  INDEX idx_time TimeUnix TYPE minmax GRANULARITY 1
) ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/ninefold/otel_metrics_histogram_local', '{replica}')
PARTITION BY toDate(TimeUnix)
ORDER BY (ServiceName, MetricName, toStartOfHour(TimeUnix), cityHash64(Attributes), TimeUnix)
TTL TimeUnix + INTERVAL 35 DAY
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1, replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 31536000,
  fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 67108864, materialize_ttl_recalculate_only = 1;

CREATE TABLE otel_metrics_histogram ON CLUSTER `all` AS otel_metrics_histogram_local
ENGINE = Distributed('all', 'ninefold', 'otel_metrics_histogram_local', cityHash64(ResourceAttributes));

CREATE TABLE otel_metrics_exponential_histogram_local ON CLUSTER `all` (
  ResourceAttributes Map(LowCardinality(String), String),
  ResourceSchemaUrl String,
  ScopeName String,
  ScopeVersion String,
  ScopeAttributes Map(LowCardinality(String), String),
  ScopeDroppedAttrCount UInt32,
  ScopeSchemaUrl String,
  ServiceName LowCardinality(String),
  MetricName LowCardinality(String),
  MetricDescription String,
  MetricUnit String,
  Attributes Map(LowCardinality(String), String),
  StartTimeUnix DateTime CODEC(Delta, ZSTD(1)),
  TimeUnix DateTime CODEC(Delta, ZSTD(1)),
  Count UInt64 CODEC(Delta, ZSTD(1)),
  Sum Float64,
  Scale Int32,
  ZeroCount UInt64,
  PositiveOffset Int32,
  PositiveBucketCounts Array(UInt64),
  NegativeOffset Int32,
  NegativeBucketCounts Array(UInt64),
  Exemplars Nested (FilteredAttributes Map(LowCardinality(String), String), TimeUnix DateTime, Value Float64, SpanId String, TraceId String),
  Flags UInt32,
  Min Float64,
  Max Float64,
  AggregationTemporality Int32,
  Region LowCardinality(String) DEFAULT ResourceAttributes['cloud.region'],
  AvailabilityZone LowCardinality(String) DEFAULT ResourceAttributes['cloud.availability_zone'],
  Cluster LowCardinality(String) DEFAULT ResourceAttributes['k8s.cluster.name'],
  Node LowCardinality(String) DEFAULT if(ResourceAttributes['k8s.node.name'] != '', ResourceAttributes['k8s.node.name'], ResourceAttributes['host.name']),
  Pod LowCardinality(String) DEFAULT ResourceAttributes['k8s.pod.name'],
  Container LowCardinality(String) DEFAULT ResourceAttributes['k8s.container.name'],
  Process LowCardinality(String) DEFAULT ResourceAttributes['process.executable.name'],
  Component LowCardinality(String) DEFAULT multiIf(Attributes['db.system.name'] != '', Attributes['db.system.name'], Attributes['db.system'] != '', Attributes['db.system'], Attributes['messaging.system'] != '', Attributes['messaging.system'], Attributes['peer.service']),
  Environment LowCardinality(String) DEFAULT ResourceAttributes['deployment.environment.name'],
  Synthetic Bool DEFAULT Attributes['synthetic'] = 'true' OR ResourceAttributes['synthetic'] = 'true',
  INDEX idx_time TimeUnix TYPE minmax GRANULARITY 1
) ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/ninefold/otel_metrics_exponential_histogram_local', '{replica}')
PARTITION BY toDate(TimeUnix)
ORDER BY (ServiceName, MetricName, toStartOfHour(TimeUnix), cityHash64(Attributes), TimeUnix)
TTL TimeUnix + INTERVAL 35 DAY
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1, replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 31536000,
  fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 67108864, materialize_ttl_recalculate_only = 1;

CREATE TABLE otel_metrics_exponential_histogram ON CLUSTER `all` AS otel_metrics_exponential_histogram_local
ENGINE = Distributed('all', 'ninefold', 'otel_metrics_exponential_histogram_local', cityHash64(ResourceAttributes));

CREATE TABLE otel_metrics_summary_local ON CLUSTER `all` (
  ResourceAttributes Map(LowCardinality(String), String),
  ResourceSchemaUrl String,
  ScopeName String,
  ScopeVersion String,
  ScopeAttributes Map(LowCardinality(String), String),
  ScopeDroppedAttrCount UInt32,
  ScopeSchemaUrl String,
  ServiceName LowCardinality(String),
  MetricName LowCardinality(String),
  MetricDescription String,
  MetricUnit String,
  Attributes Map(LowCardinality(String), String),
  StartTimeUnix DateTime CODEC(Delta, ZSTD(1)),
  TimeUnix DateTime CODEC(Delta, ZSTD(1)),
  Count UInt64 CODEC(Delta, ZSTD(1)),
  Sum Float64,
  ValueAtQuantiles Nested (Quantile Float64, Value Float64),
  Flags UInt32,
  Region LowCardinality(String) DEFAULT ResourceAttributes['cloud.region'],
  AvailabilityZone LowCardinality(String) DEFAULT ResourceAttributes['cloud.availability_zone'],
  Cluster LowCardinality(String) DEFAULT ResourceAttributes['k8s.cluster.name'],
  Node LowCardinality(String) DEFAULT if(ResourceAttributes['k8s.node.name'] != '', ResourceAttributes['k8s.node.name'], ResourceAttributes['host.name']),
  Pod LowCardinality(String) DEFAULT ResourceAttributes['k8s.pod.name'],
  Container LowCardinality(String) DEFAULT ResourceAttributes['k8s.container.name'],
  Process LowCardinality(String) DEFAULT ResourceAttributes['process.executable.name'],
  Component LowCardinality(String) DEFAULT multiIf(Attributes['db.system.name'] != '', Attributes['db.system.name'], Attributes['db.system'] != '', Attributes['db.system'], Attributes['messaging.system'] != '', Attributes['messaging.system'], Attributes['peer.service']),
  Environment LowCardinality(String) DEFAULT ResourceAttributes['deployment.environment.name'],
  Synthetic Bool DEFAULT Attributes['synthetic'] = 'true' OR ResourceAttributes['synthetic'] = 'true',
  INDEX idx_time TimeUnix TYPE minmax GRANULARITY 1
) ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/ninefold/otel_metrics_summary_local', '{replica}')
PARTITION BY toDate(TimeUnix)
ORDER BY (ServiceName, MetricName, toStartOfHour(TimeUnix), cityHash64(Attributes), TimeUnix)
TTL TimeUnix + INTERVAL 35 DAY
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1, replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 31536000,
  fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 67108864, materialize_ttl_recalculate_only = 1;

CREATE TABLE otel_metrics_summary ON CLUSTER `all` AS otel_metrics_summary_local
ENGINE = Distributed('all', 'ninefold', 'otel_metrics_summary_local', cityHash64(ResourceAttributes));
