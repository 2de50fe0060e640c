-- What the migrations make, for reading; written by test/store/migrations with `vitest run test/store/migrations --update`. Do not edit.

CREATE TABLE default.alerts
(
    `Slo` LowCardinality(String),
    `Severity` LowCardinality(String),
    `StartedAt` DateTime64(3, 'UTC'),
    `Service` LowCardinality(String),
    `State` LowCardinality(String),
    `DedupKey` String,
    `PendingSince` Nullable(DateTime64(3, 'UTC')),
    `FiredAt` Nullable(DateTime64(3, 'UTC')),
    `ResolvedAt` Nullable(DateTime64(3, 'UTC')),
    `QuietSince` Nullable(DateTime64(3, 'UTC')),
    `Frozen` UInt8,
    `Inhibited` UInt8,
    `BudgetRemainingRatio` Nullable(Float64),
    `SuspectVersion` Nullable(String),
    `Evidence` String CODEC(ZSTD(1)),
    `BurningLayers` String CODEC(ZSTD(1)),
    `Version` UInt64
)
ENGINE = ReplacingMergeTree(Version)
ORDER BY (Slo, Severity, StartedAt)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 8192;

CREATE TABLE default.arrivals
(
    `Signal` LowCardinality(String),
    `Minute` DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
    `InsertedAt` DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `Rows` UInt64 CODEC(T64, ZSTD(1)),
    INDEX idx_inserted_at InsertedAt TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(Minute)
ORDER BY (Signal, Minute)
TTL Minute + toIntervalDay(100)
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 8192, merge_selector_base = 12;

CREATE MATERIALIZED VIEW default.arrivals_events_mv TO default.arrivals
(
    `Signal` String,
    `Minute` DateTime('UTC'),
    `InsertedAt` DateTime64(3, 'UTC'),
    `Rows` UInt64
)
AS SELECT
    'events' AS Signal,
    toDateTime(toStartOfMinute(Time), 'UTC') AS Minute,
    now64(3, 'UTC') AS InsertedAt,
    count() AS Rows
FROM default.events
GROUP BY Minute;

CREATE MATERIALIZED VIEW default.arrivals_logs_mv TO default.arrivals
(
    `Signal` String,
    `Minute` DateTime('UTC'),
    `InsertedAt` DateTime64(3, 'UTC'),
    `Rows` UInt64
)
AS SELECT
    'logs' AS Signal,
    toDateTime(toStartOfMinute(Timestamp), 'UTC') AS Minute,
    now64(3, 'UTC') AS InsertedAt,
    count() AS Rows
FROM default.otel_logs
GROUP BY Minute;

CREATE MATERIALIZED VIEW default.arrivals_metrics_exponential_histogram_mv TO default.arrivals
(
    `Signal` String,
    `Minute` DateTime('UTC'),
    `InsertedAt` DateTime64(3, 'UTC'),
    `Rows` UInt64
)
AS SELECT
    'metrics' AS Signal,
    toDateTime(toStartOfMinute(TimeUnix), 'UTC') AS Minute,
    now64(3, 'UTC') AS InsertedAt,
    count() AS Rows
FROM default.otel_metrics_exponential_histogram
GROUP BY Minute;

CREATE MATERIALIZED VIEW default.arrivals_metrics_gauge_mv TO default.arrivals
(
    `Signal` String,
    `Minute` DateTime('UTC'),
    `InsertedAt` DateTime64(3, 'UTC'),
    `Rows` UInt64
)
AS SELECT
    'metrics' AS Signal,
    toDateTime(toStartOfMinute(TimeUnix), 'UTC') AS Minute,
    now64(3, 'UTC') AS InsertedAt,
    count() AS Rows
FROM default.otel_metrics_gauge
GROUP BY Minute;

CREATE MATERIALIZED VIEW default.arrivals_metrics_histogram_mv TO default.arrivals
(
    `Signal` String,
    `Minute` DateTime('UTC'),
    `InsertedAt` DateTime64(3, 'UTC'),
    `Rows` UInt64
)
AS SELECT
    'metrics' AS Signal,
    toDateTime(toStartOfMinute(TimeUnix), 'UTC') AS Minute,
    now64(3, 'UTC') AS InsertedAt,
    count() AS Rows
FROM default.otel_metrics_histogram
GROUP BY Minute;

CREATE MATERIALIZED VIEW default.arrivals_metrics_sum_mv TO default.arrivals
(
    `Signal` String,
    `Minute` DateTime('UTC'),
    `InsertedAt` DateTime64(3, 'UTC'),
    `Rows` UInt64
)
AS SELECT
    'metrics' AS Signal,
    toDateTime(toStartOfMinute(TimeUnix), 'UTC') AS Minute,
    now64(3, 'UTC') AS InsertedAt,
    count() AS Rows
FROM default.otel_metrics_sum
GROUP BY Minute;

CREATE MATERIALIZED VIEW default.arrivals_metrics_summary_mv TO default.arrivals
(
    `Signal` String,
    `Minute` DateTime('UTC'),
    `InsertedAt` DateTime64(3, 'UTC'),
    `Rows` UInt64
)
AS SELECT
    'metrics' AS Signal,
    toDateTime(toStartOfMinute(TimeUnix), 'UTC') AS Minute,
    now64(3, 'UTC') AS InsertedAt,
    count() AS Rows
FROM default.otel_metrics_summary
GROUP BY Minute;

CREATE MATERIALIZED VIEW default.arrivals_synthetics_mv TO default.arrivals
(
    `Signal` String,
    `Minute` DateTime('UTC'),
    `InsertedAt` DateTime64(3, 'UTC'),
    `Rows` UInt64
)
AS SELECT
    'synthetics' AS Signal,
    toDateTime(toStartOfMinute(Timestamp), 'UTC') AS Minute,
    now64(3, 'UTC') AS InsertedAt,
    count() AS Rows
FROM default.otel_traces
WHERE Synthetic AND mapContains(SpanAttributes, 'ninefold.synthetic.transaction')
GROUP BY Minute;

CREATE MATERIALIZED VIEW default.arrivals_traces_mv TO default.arrivals
(
    `Signal` String,
    `Minute` DateTime('UTC'),
    `InsertedAt` DateTime64(3, 'UTC'),
    `Rows` UInt64
)
AS SELECT
    'traces' AS Signal,
    toDateTime(toStartOfMinute(Timestamp), 'UTC') AS Minute,
    now64(3, 'UTC') AS InsertedAt,
    count() AS Rows
FROM default.otel_traces
GROUP BY Minute;

CREATE TABLE default.dead_letters
(
    `Id` String,
    `Topic` LowCardinality(String),
    `Partition` UInt32,
    `Offset` UInt64,
    `LogId` String,
    `Reason` LowCardinality(String),
    `Message` String,
    `Source` String,
    `ReceivedAt` DateTime64(3, 'UTC'),
    `QuarantinedAt` DateTime64(3, 'UTC'),
    `State` LowCardinality(String),
    `Payload` String CODEC(ZSTD(3)),
    `Version` UInt64
)
ENGINE = ReplacingMergeTree(Version)
PARTITION BY toYYYYMM(ReceivedAt)
PRIMARY KEY (Topic, Partition, Offset)
ORDER BY (Topic, Partition, Offset, LogId)
TTL toDateTime(ReceivedAt) + toIntervalDay(100)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 8192;

CREATE TABLE default.event_deliveries
(
    `EventKey` FixedString(16) CODEC(ZSTD(1)),
    `ReceivedAt` DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `Time` DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1))
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(ReceivedAt)
ORDER BY EventKey
TTL toDateTime(ReceivedAt) + toIntervalDay(35)
SETTINGS index_granularity = 1024, non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, merge_selector_base = 12;

CREATE MATERIALIZED VIEW default.event_deliveries_mv TO default.event_deliveries
(
    `EventKey` FixedString(16),
    `ReceivedAt` DateTime64(3, 'UTC'),
    `Time` DateTime64(9, 'UTC')
)
AS SELECT
    EventKey,
    ReceivedAt,
    Time
FROM default.events;

CREATE TABLE default.events
(
    `Time` DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `ReceivedAt` DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `EventKey` FixedString(16) DEFAULT sipHash128(Source, Id),
    `Id` String CODEC(ZSTD(1)),
    `Source` LowCardinality(String) CODEC(ZSTD(1)),
    `Type` LowCardinality(String) CODEC(ZSTD(1)),
    `SpecVersion` LowCardinality(String) CODEC(ZSTD(1)),
    `Subject` String CODEC(ZSTD(1)),
    `DataContentType` LowCardinality(String) CODEC(ZSTD(1)),
    `DataSchema` LowCardinality(String) CODEC(ZSTD(1)),
    `Data` String CODEC(ZSTD(3)),
    `Attributes` Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    `ResourceAttributes` Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    `ServiceName` LowCardinality(String) CODEC(ZSTD(1)),
    `Region` LowCardinality(String) CODEC(ZSTD(1)),
    `AvailabilityZone` LowCardinality(String) CODEC(ZSTD(1)),
    `Cluster` LowCardinality(String) CODEC(ZSTD(1)),
    `Node` LowCardinality(String) CODEC(ZSTD(1)),
    `Pod` LowCardinality(String) CODEC(ZSTD(1)),
    `Container` LowCardinality(String) CODEC(ZSTD(1)),
    `Process` LowCardinality(String) CODEC(ZSTD(1)),
    `Component` LowCardinality(String) CODEC(ZSTD(1)),
    `Environment` LowCardinality(String) CODEC(ZSTD(1)),
    `Synthetic` Bool,
    INDEX idx_time Time TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toDate(Time)
ORDER BY (Type, toStartOfHour(Time), Source, Time)
TTL toDateTime(Time) + toIntervalDay(35)
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, merge_selector_base = 12, min_level_for_wide_part = 1, min_bytes_for_wide_part = 4194304, vertical_merge_algorithm_min_rows_to_activate = 16384;

CREATE TABLE default.notifications
(
    `Id` String,
    `Slo` LowCardinality(String),
    `Severity` LowCardinality(String),
    `Target` LowCardinality(String),
    `TargetKind` LowCardinality(String),
    `Action` LowCardinality(String),
    `DedupKey` String,
    `State` LowCardinality(String),
    `Attempts` UInt32,
    `CreatedAt` DateTime64(3, 'UTC'),
    `NextAttemptAt` DateTime64(3, 'UTC'),
    `SentAt` Nullable(DateTime64(3, 'UTC')),
    `LastError` String,
    `Body` String CODEC(ZSTD(1)),
    `Version` UInt64
)
ENGINE = ReplacingMergeTree(Version)
ORDER BY (Id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 8192;

CREATE TABLE default.otel_logs
(
    `Timestamp` DateTime64(9) CODEC(Delta(8), ZSTD(1)),
    `TraceId` String,
    `SpanId` String,
    `TraceFlags` UInt8,
    `SeverityText` LowCardinality(String),
    `SeverityNumber` UInt8,
    `ServiceName` LowCardinality(String),
    `Body` String,
    `ResourceSchemaUrl` LowCardinality(String),
    `ResourceAttributes` Map(LowCardinality(String), String),
    `ScopeSchemaUrl` LowCardinality(String),
    `ScopeName` String,
    `ScopeVersion` LowCardinality(String),
    `ScopeAttributes` Map(LowCardinality(String), String),
    `LogAttributes` Map(LowCardinality(String), String),
    `EventName` String,
    `__otel_materialized_k8s.cluster.name` LowCardinality(String) MATERIALIZED ResourceAttributes['k8s.cluster.name'],
    `__otel_materialized_k8s.container.name` LowCardinality(String) MATERIALIZED ResourceAttributes['k8s.container.name'],
    `__otel_materialized_k8s.deployment.name` LowCardinality(String) MATERIALIZED ResourceAttributes['k8s.deployment.name'],
    `__otel_materialized_k8s.namespace.name` LowCardinality(String) MATERIALIZED ResourceAttributes['k8s.namespace.name'],
    `__otel_materialized_k8s.node.name` LowCardinality(String) MATERIALIZED ResourceAttributes['k8s.node.name'],
    `__otel_materialized_k8s.pod.name` LowCardinality(String) MATERIALIZED ResourceAttributes['k8s.pod.name'],
    `__otel_materialized_k8s.pod.uid` LowCardinality(String) MATERIALIZED ResourceAttributes['k8s.pod.uid'],
    `__otel_materialized_deployment.environment.name` LowCardinality(String) MATERIALIZED ResourceAttributes['deployment.environment.name'],
    `Region` LowCardinality(String) DEFAULT ResourceAttributes['cloud.region'],
    `AvailabilityZone` LowCardinality(String) DEFAULT ResourceAttributes['cloud.availability_zone'],
    `Cluster` LowCardinality(String) DEFAULT ResourceAttributes['k8s.cluster.name'],
    `Node` LowCardinality(String) DEFAULT if((ResourceAttributes['k8s.node.name']) != '', ResourceAttributes['k8s.node.name'], ResourceAttributes['host.name']),
    `Pod` LowCardinality(String) DEFAULT ResourceAttributes['k8s.pod.name'],
    `Container` LowCardinality(String) DEFAULT ResourceAttributes['k8s.container.name'],
    `Process` LowCardinality(String) DEFAULT ResourceAttributes['process.executable.name'],
    `Component` LowCardinality(String) DEFAULT multiIf((LogAttributes['db.system.name']) != '', LogAttributes['db.system.name'], (LogAttributes['db.system']) != '', LogAttributes['db.system'], (LogAttributes['messaging.system']) != '', LogAttributes['messaging.system'], LogAttributes['peer.service']),
    `Environment` LowCardinality(String) DEFAULT ResourceAttributes['deployment.environment.name'],
    `Synthetic` Bool DEFAULT ((LogAttributes['synthetic']) = 'true') OR ((ResourceAttributes['synthetic']) = 'true'),
    INDEX idx_timestamp Timestamp TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toDate(Timestamp)
ORDER BY (toStartOfFiveMinutes(Timestamp), ServiceName, Timestamp)
TTL toDateTime(Timestamp) + toIntervalDay(35)
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 4194304, materialize_ttl_recalculate_only = 1, merge_selector_base = 12, min_level_for_wide_part = 1, vertical_merge_algorithm_min_rows_to_activate = 16384;

CREATE TABLE default.otel_metrics_exponential_histogram
(
    `ResourceAttributes` Map(LowCardinality(String), String),
    `ResourceSchemaUrl` String,
    `ScopeName` String,
    `ScopeVersion` String,
    `ScopeAttributes` Map(LowCardinality(String), String),
    `ScopeDroppedAttrCount` UInt32,
    `ScopeSchemaUrl` String,
    `ServiceName` LowCardinality(String),
    `MetricName` LowCardinality(String),
    `MetricDescription` String,
    `MetricUnit` String,
    `Attributes` Map(LowCardinality(String), String),
    `StartTimeUnix` DateTime CODEC(Delta(4), ZSTD(1)),
    `TimeUnix` DateTime CODEC(Delta(4), ZSTD(1)),
    `Count` UInt64 CODEC(Delta(8), ZSTD(1)),
    `Sum` Float64,
    `Scale` Int32,
    `ZeroCount` UInt64,
    `PositiveOffset` Int32,
    `PositiveBucketCounts` Array(UInt64),
    `NegativeOffset` Int32,
    `NegativeBucketCounts` Array(UInt64),
    `Exemplars.FilteredAttributes` Array(Map(LowCardinality(String), String)),
    `Exemplars.TimeUnix` Array(DateTime),
    `Exemplars.Value` Array(Float64),
    `Exemplars.SpanId` Array(String),
    `Exemplars.TraceId` Array(String),
    `Flags` UInt32,
    `Min` Float64,
    `Max` Float64,
    `AggregationTemporality` Int32,
    `Region` LowCardinality(String) DEFAULT ResourceAttributes['cloud.region'],
    `AvailabilityZone` LowCardinality(String) DEFAULT ResourceAttributes['cloud.availability_zone'],
    `Cluster` LowCardinality(String) DEFAULT ResourceAttributes['k8s.cluster.name'],
    `Node` LowCardinality(String) DEFAULT if((ResourceAttributes['k8s.node.name']) != '', ResourceAttributes['k8s.node.name'], ResourceAttributes['host.name']),
    `Pod` LowCardinality(String) DEFAULT ResourceAttributes['k8s.pod.name'],
    `Container` LowCardinality(String) DEFAULT ResourceAttributes['k8s.container.name'],
    `Process` LowCardinality(String) DEFAULT ResourceAttributes['process.executable.name'],
    `Component` LowCardinality(String) DEFAULT multiIf((Attributes['db.system.name']) != '', Attributes['db.system.name'], (Attributes['db.system']) != '', Attributes['db.system'], (Attributes['messaging.system']) != '', Attributes['messaging.system'], Attributes['peer.service']),
    `Environment` LowCardinality(String) DEFAULT ResourceAttributes['deployment.environment.name'],
    `Synthetic` Bool DEFAULT ((Attributes['synthetic']) = 'true') OR ((ResourceAttributes['synthetic']) = 'true'),
    INDEX idx_time TimeUnix TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toDate(TimeUnix)
ORDER BY (ServiceName, MetricName, toStartOfHour(TimeUnix), cityHash64(Attributes), TimeUnix)
TTL TimeUnix + toIntervalDay(35)
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 4194304, materialize_ttl_recalculate_only = 1, merge_selector_base = 12, min_level_for_wide_part = 1, vertical_merge_algorithm_min_rows_to_activate = 16384;

CREATE TABLE default.otel_metrics_gauge
(
    `ResourceAttributes` Map(LowCardinality(String), String),
    `ResourceSchemaUrl` String,
    `ScopeName` String,
    `ScopeVersion` String,
    `ScopeAttributes` Map(LowCardinality(String), String),
    `ScopeDroppedAttrCount` UInt32,
    `ScopeSchemaUrl` String,
    `ServiceName` LowCardinality(String),
    `MetricName` LowCardinality(String),
    `MetricDescription` String,
    `MetricUnit` String,
    `Attributes` Map(LowCardinality(String), String),
    `StartTimeUnix` DateTime CODEC(Delta(4), ZSTD(1)),
    `TimeUnix` DateTime CODEC(Delta(4), ZSTD(1)),
    `Value` Float64,
    `Flags` UInt32,
    `Exemplars.FilteredAttributes` Array(Map(LowCardinality(String), String)),
    `Exemplars.TimeUnix` Array(DateTime),
    `Exemplars.Value` Array(Float64),
    `Exemplars.SpanId` Array(String),
    `Exemplars.TraceId` Array(String),
    `Region` LowCardinality(String) DEFAULT ResourceAttributes['cloud.region'],
    `AvailabilityZone` LowCardinality(String) DEFAULT ResourceAttributes['cloud.availability_zone'],
    `Cluster` LowCardinality(String) DEFAULT ResourceAttributes['k8s.cluster.name'],
    `Node` LowCardinality(String) DEFAULT if((ResourceAttributes['k8s.node.name']) != '', ResourceAttributes['k8s.node.name'], ResourceAttributes['host.name']),
    `Pod` LowCardinality(String) DEFAULT ResourceAttributes['k8s.pod.name'],
    `Container` LowCardinality(String) DEFAULT ResourceAttributes['k8s.container.name'],
    `Process` LowCardinality(String) DEFAULT ResourceAttributes['process.executable.name'],
    `Component` LowCardinality(String) DEFAULT multiIf((Attributes['db.system.name']) != '', Attributes['db.system.name'], (Attributes['db.system']) != '', Attributes['db.system'], (Attributes['messaging.system']) != '', Attributes['messaging.system'], Attributes['peer.service']),
    `Environment` LowCardinality(String) DEFAULT ResourceAttributes['deployment.environment.name'],
    `Synthetic` Bool DEFAULT ((Attributes['synthetic']) = 'true') OR ((ResourceAttributes['synthetic']) = 'true'),
    INDEX idx_time TimeUnix TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toDate(TimeUnix)
ORDER BY (ServiceName, MetricName, toStartOfHour(TimeUnix), cityHash64(Attributes), TimeUnix)
TTL TimeUnix + toIntervalDay(35)
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 4194304, materialize_ttl_recalculate_only = 1, merge_selector_base = 12, min_level_for_wide_part = 1, vertical_merge_algorithm_min_rows_to_activate = 16384;

CREATE TABLE default.otel_metrics_histogram
(
    `ResourceAttributes` Map(LowCardinality(String), String),
    `ResourceSchemaUrl` String,
    `ScopeName` String,
    `ScopeVersion` String,
    `ScopeAttributes` Map(LowCardinality(String), String),
    `ScopeDroppedAttrCount` UInt32,
    `ScopeSchemaUrl` String,
    `ServiceName` LowCardinality(String),
    `MetricName` LowCardinality(String),
    `MetricDescription` String,
    `MetricUnit` String,
    `Attributes` Map(LowCardinality(String), String),
    `StartTimeUnix` DateTime CODEC(Delta(4), ZSTD(1)),
    `TimeUnix` DateTime CODEC(Delta(4), ZSTD(1)),
    `Count` UInt64 CODEC(Delta(8), ZSTD(1)),
    `Sum` Float64,
    `BucketCounts` Array(UInt64),
    `ExplicitBounds` Array(Float64),
    `Exemplars.FilteredAttributes` Array(Map(LowCardinality(String), String)),
    `Exemplars.TimeUnix` Array(DateTime),
    `Exemplars.Value` Array(Float64),
    `Exemplars.SpanId` Array(String),
    `Exemplars.TraceId` Array(String),
    `Flags` UInt32,
    `Min` Float64,
    `Max` Float64,
    `AggregationTemporality` Int32,
    `Region` LowCardinality(String) DEFAULT ResourceAttributes['cloud.region'],
    `AvailabilityZone` LowCardinality(String) DEFAULT ResourceAttributes['cloud.availability_zone'],
    `Cluster` LowCardinality(String) DEFAULT ResourceAttributes['k8s.cluster.name'],
    `Node` LowCardinality(String) DEFAULT if((ResourceAttributes['k8s.node.name']) != '', ResourceAttributes['k8s.node.name'], ResourceAttributes['host.name']),
    `Pod` LowCardinality(String) DEFAULT ResourceAttributes['k8s.pod.name'],
    `Container` LowCardinality(String) DEFAULT ResourceAttributes['k8s.container.name'],
    `Process` LowCardinality(String) DEFAULT ResourceAttributes['process.executable.name'],
    `Component` LowCardinality(String) DEFAULT multiIf((Attributes['db.system.name']) != '', Attributes['db.system.name'], (Attributes['db.system']) != '', Attributes['db.system'], (Attributes['messaging.system']) != '', Attributes['messaging.system'], Attributes['peer.service']),
    `Environment` LowCardinality(String) DEFAULT ResourceAttributes['deployment.environment.name'],
    `Synthetic` Bool DEFAULT ((Attributes['synthetic']) = 'true') OR ((ResourceAttributes['synthetic']) = 'true'),
    INDEX idx_time TimeUnix TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toDate(TimeUnix)
ORDER BY (ServiceName, MetricName, toStartOfHour(TimeUnix), cityHash64(Attributes), TimeUnix)
TTL TimeUnix + toIntervalDay(35)
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 4194304, materialize_ttl_recalculate_only = 1, merge_selector_base = 12, min_level_for_wide_part = 1, vertical_merge_algorithm_min_rows_to_activate = 16384;

CREATE TABLE default.otel_metrics_sum
(
    `ResourceAttributes` Map(LowCardinality(String), String),
    `ResourceSchemaUrl` String,
    `ScopeName` String,
    `ScopeVersion` String,
    `ScopeAttributes` Map(LowCardinality(String), String),
    `ScopeDroppedAttrCount` UInt32,
    `ScopeSchemaUrl` String,
    `ServiceName` LowCardinality(String),
    `MetricName` LowCardinality(String),
    `MetricDescription` String,
    `MetricUnit` String,
    `Attributes` Map(LowCardinality(String), String),
    `StartTimeUnix` DateTime CODEC(Delta(4), ZSTD(1)),
    `TimeUnix` DateTime CODEC(Delta(4), ZSTD(1)),
    `Value` Float64,
    `Flags` UInt32,
    `Exemplars.FilteredAttributes` Array(Map(LowCardinality(String), String)),
    `Exemplars.TimeUnix` Array(DateTime),
    `Exemplars.Value` Array(Float64),
    `Exemplars.SpanId` Array(String),
    `Exemplars.TraceId` Array(String),
    `AggregationTemporality` Int32,
    `IsMonotonic` Bool CODEC(Delta(1), ZSTD(1)),
    `Region` LowCardinality(String) DEFAULT ResourceAttributes['cloud.region'],
    `AvailabilityZone` LowCardinality(String) DEFAULT ResourceAttributes['cloud.availability_zone'],
    `Cluster` LowCardinality(String) DEFAULT ResourceAttributes['k8s.cluster.name'],
    `Node` LowCardinality(String) DEFAULT if((ResourceAttributes['k8s.node.name']) != '', ResourceAttributes['k8s.node.name'], ResourceAttributes['host.name']),
    `Pod` LowCardinality(String) DEFAULT ResourceAttributes['k8s.pod.name'],
    `Container` LowCardinality(String) DEFAULT ResourceAttributes['k8s.container.name'],
    `Process` LowCardinality(String) DEFAULT ResourceAttributes['process.executable.name'],
    `Component` LowCardinality(String) DEFAULT multiIf((Attributes['db.system.name']) != '', Attributes['db.system.name'], (Attributes['db.system']) != '', Attributes['db.system'], (Attributes['messaging.system']) != '', Attributes['messaging.system'], Attributes['peer.service']),
    `Environment` LowCardinality(String) DEFAULT ResourceAttributes['deployment.environment.name'],
    `Synthetic` Bool DEFAULT ((Attributes['synthetic']) = 'true') OR ((ResourceAttributes['synthetic']) = 'true'),
    INDEX idx_time TimeUnix TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toDate(TimeUnix)
ORDER BY (ServiceName, MetricName, toStartOfHour(TimeUnix), cityHash64(Attributes), TimeUnix)
TTL TimeUnix + toIntervalDay(35)
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 4194304, materialize_ttl_recalculate_only = 1, merge_selector_base = 12, min_level_for_wide_part = 1, vertical_merge_algorithm_min_rows_to_activate = 16384;

CREATE TABLE default.otel_metrics_summary
(
    `ResourceAttributes` Map(LowCardinality(String), String),
    `ResourceSchemaUrl` String,
    `ScopeName` String,
    `ScopeVersion` String,
    `ScopeAttributes` Map(LowCardinality(String), String),
    `ScopeDroppedAttrCount` UInt32,
    `ScopeSchemaUrl` String,
    `ServiceName` LowCardinality(String),
    `MetricName` LowCardinality(String),
    `MetricDescription` String,
    `MetricUnit` String,
    `Attributes` Map(LowCardinality(String), String),
    `StartTimeUnix` DateTime CODEC(Delta(4), ZSTD(1)),
    `TimeUnix` DateTime CODEC(Delta(4), ZSTD(1)),
    `Count` UInt64 CODEC(Delta(8), ZSTD(1)),
    `Sum` Float64,
    `ValueAtQuantiles.Quantile` Array(Float64),
    `ValueAtQuantiles.Value` Array(Float64),
    `Flags` UInt32,
    `Region` LowCardinality(String) DEFAULT ResourceAttributes['cloud.region'],
    `AvailabilityZone` LowCardinality(String) DEFAULT ResourceAttributes['cloud.availability_zone'],
    `Cluster` LowCardinality(String) DEFAULT ResourceAttributes['k8s.cluster.name'],
    `Node` LowCardinality(String) DEFAULT if((ResourceAttributes['k8s.node.name']) != '', ResourceAttributes['k8s.node.name'], ResourceAttributes['host.name']),
    `Pod` LowCardinality(String) DEFAULT ResourceAttributes['k8s.pod.name'],
    `Container` LowCardinality(String) DEFAULT ResourceAttributes['k8s.container.name'],
    `Process` LowCardinality(String) DEFAULT ResourceAttributes['process.executable.name'],
    `Component` LowCardinality(String) DEFAULT multiIf((Attributes['db.system.name']) != '', Attributes['db.system.name'], (Attributes['db.system']) != '', Attributes['db.system'], (Attributes['messaging.system']) != '', Attributes['messaging.system'], Attributes['peer.service']),
    `Environment` LowCardinality(String) DEFAULT ResourceAttributes['deployment.environment.name'],
    `Synthetic` Bool DEFAULT ((Attributes['synthetic']) = 'true') OR ((ResourceAttributes['synthetic']) = 'true'),
    INDEX idx_time TimeUnix TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toDate(TimeUnix)
ORDER BY (ServiceName, MetricName, toStartOfHour(TimeUnix), cityHash64(Attributes), TimeUnix)
TTL TimeUnix + toIntervalDay(35)
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 4194304, materialize_ttl_recalculate_only = 1, merge_selector_base = 12, min_level_for_wide_part = 1, vertical_merge_algorithm_min_rows_to_activate = 16384;

CREATE TABLE default.otel_traces
(
    `Timestamp` DateTime64(9) CODEC(Delta(8), ZSTD(1)),
    `TraceId` String,
    `SpanId` String,
    `ParentSpanId` String,
    `TraceState` String,
    `SpanName` LowCardinality(String),
    `SpanKind` LowCardinality(String),
    `ServiceName` LowCardinality(String),
    `ResourceAttributes` Map(LowCardinality(String), String),
    `ScopeName` String,
    `ScopeVersion` String,
    `SpanAttributes` Map(LowCardinality(String), String),
    `Duration` UInt64,
    `StatusCode` LowCardinality(String),
    `StatusMessage` String,
    `Events.Timestamp` Array(DateTime64(9)),
    `Events.Name` Array(LowCardinality(String)),
    `Events.Attributes` Array(Map(LowCardinality(String), String)),
    `Links.TraceId` Array(String),
    `Links.SpanId` Array(String),
    `Links.TraceState` Array(String),
    `Links.Attributes` Array(Map(LowCardinality(String), String)),
    `Region` LowCardinality(String) DEFAULT ResourceAttributes['cloud.region'],
    `AvailabilityZone` LowCardinality(String) DEFAULT ResourceAttributes['cloud.availability_zone'],
    `Cluster` LowCardinality(String) DEFAULT ResourceAttributes['k8s.cluster.name'],
    `Node` LowCardinality(String) DEFAULT if((ResourceAttributes['k8s.node.name']) != '', ResourceAttributes['k8s.node.name'], ResourceAttributes['host.name']),
    `Pod` LowCardinality(String) DEFAULT ResourceAttributes['k8s.pod.name'],
    `Container` LowCardinality(String) DEFAULT ResourceAttributes['k8s.container.name'],
    `Process` LowCardinality(String) DEFAULT ResourceAttributes['process.executable.name'],
    `Component` LowCardinality(String) DEFAULT multiIf((SpanAttributes['db.system.name']) != '', SpanAttributes['db.system.name'], (SpanAttributes['db.system']) != '', SpanAttributes['db.system'], (SpanAttributes['messaging.system']) != '', SpanAttributes['messaging.system'], SpanAttributes['peer.service']),
    `Environment` LowCardinality(String) DEFAULT ResourceAttributes['deployment.environment.name'],
    `Synthetic` Bool DEFAULT ((SpanAttributes['synthetic']) = 'true') OR ((ResourceAttributes['synthetic']) = 'true'),
    INDEX idx_timestamp Timestamp TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toDate(Timestamp)
ORDER BY (ServiceName, SpanName, toDateTime(Timestamp))
TTL toDateTime(Timestamp) + toIntervalDay(35)
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 4194304, materialize_ttl_recalculate_only = 1, merge_selector_base = 12, min_level_for_wide_part = 1, vertical_merge_algorithm_min_rows_to_activate = 16384;

CREATE TABLE default.otel_traces_trace_id_ts
(
    `TraceId` String,
    `Start` DateTime CODEC(Delta(4), ZSTD(1)),
    `End` DateTime CODEC(Delta(4), ZSTD(1)),
    INDEX idx_trace_id TraceId TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toDate(Start)
ORDER BY (TraceId, Start)
TTL Start + toIntervalDay(35)
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, materialize_ttl_recalculate_only = 1, merge_selector_base = 12;

CREATE MATERIALIZED VIEW default.otel_traces_trace_id_ts_mv TO default.otel_traces_trace_id_ts
(
    `TraceId` String,
    `Start` DateTime64(9),
    `End` DateTime64(9)
)
AS SELECT
    TraceId,
    min(Timestamp) AS Start,
    max(Timestamp) AS End
FROM default.otel_traces
WHERE TraceId != ''
GROUP BY TraceId;

CREATE TABLE default.ratio_day
(
    `Ratio` LowCardinality(String),
    `Revision` LowCardinality(String),
    `Side` LowCardinality(String),
    `Day` DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
    `Region` LowCardinality(String),
    `AvailabilityZone` LowCardinality(String),
    `Cluster` LowCardinality(String),
    `Node` LowCardinality(String),
    `Pod` LowCardinality(String),
    `Container` LowCardinality(String),
    `Process` LowCardinality(String),
    `Component` LowCardinality(String),
    `Service` LowCardinality(String),
    `Environment` LowCardinality(String),
    `Events` UInt64 CODEC(T64, ZSTD(1)),
    `Numbers` UInt64 CODEC(T64, ZSTD(1)),
    `Total` Decimal(76, 18) CODEC(ZSTD(1)),
    `Least` Nullable(Decimal(76, 18)) CODEC(ZSTD(1)),
    `Most` Nullable(Decimal(76, 18)) CODEC(ZSTD(1)),
    `Distinct` AggregateFunction(uniqCombined64(20), String) CODEC(ZSTD(1)),
    `Sketch` AggregateFunction(quantileDD(0.005, 0.5), Float64) CODEC(ZSTD(1)),
    `Version` UInt64 CODEC(Delta(8), ZSTD(1))
)
ENGINE = ReplacingMergeTree(Version)
PARTITION BY toYear(Day)
ORDER BY (toStartOfMonth(Day), Ratio, Revision, Side, Day, Region, AvailabilityZone, Cluster, Node, Pod, Container, Process, Component, Service, Environment)
TTL Day + toIntervalYear(5)
SETTINGS ttl_only_drop_parts = 1, index_granularity = 8192;

CREATE TABLE default.ratio_hour
(
    `Ratio` LowCardinality(String),
    `Revision` LowCardinality(String),
    `Side` LowCardinality(String),
    `Hour` DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
    `Region` LowCardinality(String),
    `AvailabilityZone` LowCardinality(String),
    `Cluster` LowCardinality(String),
    `Node` LowCardinality(String),
    `Pod` LowCardinality(String),
    `Container` LowCardinality(String),
    `Process` LowCardinality(String),
    `Component` LowCardinality(String),
    `Service` LowCardinality(String),
    `Environment` LowCardinality(String),
    `Events` UInt64 CODEC(T64, ZSTD(1)),
    `Numbers` UInt64 CODEC(T64, ZSTD(1)),
    `Total` Decimal(76, 18) CODEC(ZSTD(1)),
    `Least` Nullable(Decimal(76, 18)) CODEC(ZSTD(1)),
    `Most` Nullable(Decimal(76, 18)) CODEC(ZSTD(1)),
    `Distinct` AggregateFunction(uniqCombined64(20), String) CODEC(ZSTD(1)),
    `Sketch` AggregateFunction(quantileDD(0.005, 0.5), Float64) CODEC(ZSTD(1)),
    `Version` UInt64 CODEC(Delta(8), ZSTD(1))
)
ENGINE = ReplacingMergeTree(Version)
PARTITION BY toYYYYMM(Hour)
ORDER BY (toStartOfDay(Hour), Ratio, Revision, Side, Hour, Region, AvailabilityZone, Cluster, Node, Pod, Container, Process, Component, Service, Environment)
TTL Hour + toIntervalDay(400)
SETTINGS ttl_only_drop_parts = 1, index_granularity = 8192;

CREATE TABLE default.ratio_minute
(
    `Ratio` LowCardinality(String),
    `Revision` LowCardinality(String),
    `Side` LowCardinality(String),
    `Minute` DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
    `Region` LowCardinality(String),
    `AvailabilityZone` LowCardinality(String),
    `Cluster` LowCardinality(String),
    `Node` LowCardinality(String),
    `Pod` LowCardinality(String),
    `Container` LowCardinality(String),
    `Process` LowCardinality(String),
    `Component` LowCardinality(String),
    `Service` LowCardinality(String),
    `Environment` LowCardinality(String),
    `Events` UInt64 CODEC(T64, ZSTD(1)),
    `Numbers` UInt64 CODEC(T64, ZSTD(1)),
    `Total` Decimal(76, 18) CODEC(ZSTD(1)),
    `Least` Nullable(Decimal(76, 18)) CODEC(ZSTD(1)),
    `Most` Nullable(Decimal(76, 18)) CODEC(ZSTD(1)),
    `Distinct` AggregateFunction(uniqCombined64(20), String) CODEC(ZSTD(1)),
    `Sketch` AggregateFunction(quantileDD(0.005, 0.5), Float64) CODEC(ZSTD(1)),
    `Version` UInt64 CODEC(Delta(8), ZSTD(1))
)
ENGINE = ReplacingMergeTree(Version)
PARTITION BY toDate(Minute)
ORDER BY (toStartOfHour(Minute), Ratio, Revision, Side, Minute, Region, AvailabilityZone, Cluster, Node, Pod, Container, Process, Component, Service, Environment)
TTL Minute + toIntervalDay(100)
SETTINGS ttl_only_drop_parts = 1, index_granularity = 8192;

CREATE TABLE default.ratio_revisions
(
    `Ratio` LowCardinality(String),
    `Revision` String,
    `Document` String CODEC(ZSTD(3)),
    `SpecSetRevision` String,
    `FirstSeenAt` DateTime64(3, 'UTC'),
    `HistoryFrom` DateTime('UTC'),
    `HistoryDone` UInt8,
    `Version` UInt64
)
ENGINE = ReplacingMergeTree(Version)
ORDER BY (Ratio, Revision)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 8192;

CREATE TABLE default.rollup_progress
(
    `Step` LowCardinality(String),
    `Signal` LowCardinality(String),
    `Start` DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
    `Rows` UInt64,
    `Settled` UInt8,
    `Version` UInt64,
    `LastShard` UInt16,
    `Shard` UInt16
)
ENGINE = ReplacingMergeTree(Version)
PRIMARY KEY (Step, Signal, Start)
ORDER BY (Step, Signal, Start, LastShard, Shard)
TTL Start + toIntervalYear(5)
SETTINGS index_granularity = 8192;

CREATE TABLE default.service_versions
(
    `Service` LowCardinality(String),
    `ServiceVersion` String,
    `FirstSeen` SimpleAggregateFunction(min, DateTime64(3, 'UTC')),
    `LastSeen` SimpleAggregateFunction(max, DateTime64(3, 'UTC'))
)
ENGINE = AggregatingMergeTree
ORDER BY (Service, ServiceVersion)
SETTINGS index_granularity = 8192;

CREATE TABLE default.sink_intents
(
    `Topic` LowCardinality(String),
    `Partition` UInt32,
    `First` UInt64,
    `Last` UInt64,
    `Token` String,
    `AnnouncedAt` DateTime64(3, 'UTC')
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(AnnouncedAt)
ORDER BY (Topic, Partition, First)
TTL toDateTime(AnnouncedAt) + toIntervalDay(35)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192, merge_selector_base = 12;

CREATE TABLE default.sink_offsets
(
    `Topic` LowCardinality(String),
    `Partition` UInt32,
    `First` UInt64,
    `Last` UInt64,
    `Bytes` UInt64,
    `Token` String,
    `InsertedAt` DateTime64(3, 'UTC'),
    `Payloads` Array(UUID) TTL toDateTime(InsertedAt) + toIntervalDay(1),
    `PayloadsReceivedAt` DateTime64(3, 'UTC')
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(InsertedAt)
ORDER BY (Topic, Partition, First)
TTL toDateTime(InsertedAt) + toIntervalDay(35)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192, merge_selector_base = 12;

CREATE TABLE default.sli_day
(
    `Slo` LowCardinality(String),
    `Revision` LowCardinality(String),
    `Day` DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
    `Region` LowCardinality(String),
    `AvailabilityZone` LowCardinality(String),
    `Cluster` LowCardinality(String),
    `Node` LowCardinality(String),
    `Pod` LowCardinality(String),
    `Container` LowCardinality(String),
    `Process` LowCardinality(String),
    `Component` LowCardinality(String),
    `Service` LowCardinality(String),
    `Environment` LowCardinality(String),
    `Good` UInt64 CODEC(T64, ZSTD(1)),
    `Valid` UInt64 CODEC(T64, ZSTD(1)),
    `Version` UInt64 CODEC(Delta(8), ZSTD(1))
)
ENGINE = ReplacingMergeTree(Version)
PARTITION BY toYear(Day)
ORDER BY (toStartOfMonth(Day), Slo, Revision, Day, Region, AvailabilityZone, Cluster, Node, Pod, Container, Process, Component, Service, Environment)
TTL Day + toIntervalYear(5)
SETTINGS ttl_only_drop_parts = 1, index_granularity = 8192;

CREATE TABLE default.sli_hour
(
    `Slo` LowCardinality(String),
    `Revision` LowCardinality(String),
    `Hour` DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
    `Region` LowCardinality(String),
    `AvailabilityZone` LowCardinality(String),
    `Cluster` LowCardinality(String),
    `Node` LowCardinality(String),
    `Pod` LowCardinality(String),
    `Container` LowCardinality(String),
    `Process` LowCardinality(String),
    `Component` LowCardinality(String),
    `Service` LowCardinality(String),
    `Environment` LowCardinality(String),
    `Good` UInt64 CODEC(T64, ZSTD(1)),
    `Valid` UInt64 CODEC(T64, ZSTD(1)),
    `Version` UInt64 CODEC(Delta(8), ZSTD(1))
)
ENGINE = ReplacingMergeTree(Version)
PARTITION BY toYYYYMM(Hour)
ORDER BY (toStartOfDay(Hour), Slo, Revision, Hour, Region, AvailabilityZone, Cluster, Node, Pod, Container, Process, Component, Service, Environment)
TTL Hour + toIntervalDay(400)
SETTINGS ttl_only_drop_parts = 1, index_granularity = 8192;

CREATE TABLE default.sli_minute
(
    `Slo` LowCardinality(String),
    `Revision` LowCardinality(String),
    `Minute` DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
    `Region` LowCardinality(String),
    `AvailabilityZone` LowCardinality(String),
    `Cluster` LowCardinality(String),
    `Node` LowCardinality(String),
    `Pod` LowCardinality(String),
    `Container` LowCardinality(String),
    `Process` LowCardinality(String),
    `Component` LowCardinality(String),
    `Service` LowCardinality(String),
    `Environment` LowCardinality(String),
    `Good` UInt64 CODEC(T64, ZSTD(1)),
    `Valid` UInt64 CODEC(T64, ZSTD(1)),
    `Version` UInt64 CODEC(Delta(8), ZSTD(1))
)
ENGINE = ReplacingMergeTree(Version)
PARTITION BY toDate(Minute)
ORDER BY (toStartOfHour(Minute), Slo, Revision, Minute, Region, AvailabilityZone, Cluster, Node, Pod, Container, Process, Component, Service, Environment)
TTL Minute + toIntervalDay(100)
SETTINGS ttl_only_drop_parts = 1, index_granularity = 8192;

CREATE TABLE default.slo_day
(
    `Slo` LowCardinality(String),
    `Revision` LowCardinality(String),
    `Day` DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
    `Good` UInt64 CODEC(T64, ZSTD(1)),
    `Valid` UInt64 CODEC(T64, ZSTD(1)),
    `Version` UInt64 CODEC(Delta(8), ZSTD(1))
)
ENGINE = ReplacingMergeTree(Version)
PARTITION BY toYear(Day)
ORDER BY (Day, Slo, Revision)
TTL Day + toIntervalYear(5)
SETTINGS ttl_only_drop_parts = 1, index_granularity = 8192;

CREATE TABLE default.slo_hour
(
    `Slo` LowCardinality(String),
    `Revision` LowCardinality(String),
    `Hour` DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
    `Good` UInt64 CODEC(T64, ZSTD(1)),
    `Valid` UInt64 CODEC(T64, ZSTD(1)),
    `Version` UInt64 CODEC(Delta(8), ZSTD(1))
)
ENGINE = ReplacingMergeTree(Version)
PARTITION BY toYYYYMM(Hour)
ORDER BY (Hour, Slo, Revision)
TTL Hour + toIntervalDay(400)
SETTINGS ttl_only_drop_parts = 1, index_granularity = 8192;

CREATE TABLE default.slo_minute
(
    `Slo` LowCardinality(String),
    `Revision` LowCardinality(String),
    `Minute` DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
    `Good` UInt64 CODEC(T64, ZSTD(1)),
    `Valid` UInt64 CODEC(T64, ZSTD(1)),
    `Version` UInt64 CODEC(Delta(8), ZSTD(1))
)
ENGINE = ReplacingMergeTree(Version)
PARTITION BY toDate(Minute)
ORDER BY (Minute, Slo, Revision)
TTL Minute + toIntervalDay(100)
SETTINGS ttl_only_drop_parts = 1, index_granularity = 8192;

CREATE TABLE default.source_progress
(
    `Slo` LowCardinality(String),
    `Revision` String,
    `PulledFrom` DateTime('UTC'),
    `PulledTo` DateTime('UTC'),
    `Version` UInt64
)
ENGINE = ReplacingMergeTree(Version)
ORDER BY (Slo, Revision)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 8192;

CREATE TABLE default.spec_revisions
(
    `Slo` LowCardinality(String),
    `Revision` String,
    `Service` LowCardinality(String),
    `Document` String CODEC(ZSTD(3)),
    `SpecSetRevision` String,
    `FirstSeenAt` DateTime64(3, 'UTC'),
    `HistoryFrom` DateTime('UTC'),
    `HistoryDone` UInt8,
    `Version` UInt64
)
ENGINE = ReplacingMergeTree(Version)
ORDER BY (Slo, Revision)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 8192;

CREATE TABLE default.spec_sets
(
    `Sequence` UInt64,
    `Revision` String,
    `AppliedAt` DateTime64(3, 'UTC'),
    `Source` LowCardinality(String),
    `Path` String,
    `Author` String,
    `Commit` String,
    `Message` String,
    `Slos` UInt32,
    `Files` String CODEC(ZSTD(6))
)
ENGINE = MergeTree
ORDER BY Sequence
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 8192, non_replicated_deduplication_window = 10000;

CREATE VIEW default.synthetic_results
(
    `Timestamp` DateTime64(9),
    `Transaction` LowCardinality(String),
    `ServiceName` LowCardinality(String),
    `StatusCode` LowCardinality(String),
    `Duration` UInt64,
    `FailedStep` String,
    `Reason` String,
    `StatusMessage` String,
    `TraceId` String,
    `SpanAttributes` Map(LowCardinality(String), String),
    `ResourceAttributes` Map(LowCardinality(String), String),
    `Region` LowCardinality(String),
    `AvailabilityZone` LowCardinality(String),
    `Cluster` LowCardinality(String),
    `Node` LowCardinality(String),
    `Pod` LowCardinality(String),
    `Container` LowCardinality(String),
    `Process` LowCardinality(String),
    `Component` LowCardinality(String),
    `Environment` LowCardinality(String),
    `Synthetic` Bool
)
AS SELECT
    Timestamp,
    SpanName AS Transaction,
    toLowCardinality(if((SpanAttributes['ninefold.synthetic.service']) != '', SpanAttributes['ninefold.synthetic.service'], otel_traces.ServiceName)) AS ServiceName,
    StatusCode,
    Duration,
    SpanAttributes['ninefold.synthetic.failed_step'] AS FailedStep,
    SpanAttributes['error.type'] AS Reason,
    StatusMessage,
    TraceId,
    SpanAttributes,
    ResourceAttributes,
    Region,
    AvailabilityZone,
    Cluster,
    Node,
    Pod,
    Container,
    Process,
    Component,
    Environment,
    Synthetic
FROM default.otel_traces
WHERE Synthetic AND mapContains(SpanAttributes, 'ninefold.synthetic.transaction');
