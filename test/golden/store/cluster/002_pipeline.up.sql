CREATE TABLE arrivals_local ON CLUSTER `all` (
  Signal LowCardinality(String),
  Minute DateTime('UTC') CODEC(Delta, ZSTD(1)),
  InsertedAt DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  Rows UInt64 CODEC(T64, ZSTD(1)),
  INDEX idx_inserted_at InsertedAt TYPE minmax GRANULARITY 1
) ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/ninefold/arrivals_local', '{replica}')
PARTITION BY toYYYYMM(Minute)
ORDER BY (Signal, Minute)
TTL Minute + INTERVAL 100 DAY
SETTINGS ttl_only_drop_parts = 1, replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 31536000, fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE arrivals ON CLUSTER `all` AS arrivals_local
ENGINE = Distributed('all', 'ninefold', 'arrivals_local', cityHash64(Signal, Minute));

CREATE MATERIALIZED VIEW arrivals_traces_mv ON CLUSTER `all` TO arrivals_local AS
SELECT 'traces' AS Signal, toDateTime(toStartOfMinute(Timestamp), 'UTC') AS Minute, now64(3, 'UTC') AS InsertedAt, count() AS Rows
FROM otel_traces_local
GROUP BY Minute;

CREATE MATERIALIZED VIEW arrivals_logs_mv ON CLUSTER `all` TO arrivals_local AS
SELECT 'logs' AS Signal, toDateTime(toStartOfMinute(Timestamp), 'UTC') AS Minute, now64(3, 'UTC') AS InsertedAt, count() AS Rows
FROM otel_logs_local
GROUP BY Minute;

CREATE MATERIALIZED VIEW arrivals_metrics_gauge_mv ON CLUSTER `all` TO arrivals_local AS
SELECT 'metrics' AS Signal, toDateTime(toStartOfMinute(TimeUnix), 'UTC') AS Minute, now64(3, 'UTC') AS InsertedAt, count() AS Rows
FROM otel_metrics_gauge_local
GROUP BY Minute;

CREATE MATERIALIZED VIEW arrivals_metrics_sum_mv ON CLUSTER `all` TO arrivals_local AS
SELECT 'metrics' AS Signal, toDateTime(toStartOfMinute(TimeUnix), 'UTC') AS Minute, now64(3, 'UTC') AS InsertedAt, count() AS Rows
FROM otel_metrics_sum_local
GROUP BY Minute;

CREATE MATERIALIZED VIEW arrivals_metrics_histogram_mv ON CLUSTER `all` TO arrivals_local AS
SELECT 'metrics' AS Signal, toDateTime(toStartOfMinute(TimeUnix), 'UTC') AS Minute, now64(3, 'UTC') AS InsertedAt, count() AS Rows
FROM otel_metrics_histogram_local
GROUP BY Minute;

CREATE MATERIALIZED VIEW arrivals_metrics_exponential_histogram_mv ON CLUSTER `all` TO arrivals_local AS
SELECT 'metrics' AS Signal, toDateTime(toStartOfMinute(TimeUnix), 'UTC') AS Minute, now64(3, 'UTC') AS InsertedAt, count() AS Rows
FROM otel_metrics_exponential_histogram_local
GROUP BY Minute;

CREATE MATERIALIZED VIEW arrivals_metrics_summary_mv ON CLUSTER `all` TO arrivals_local AS
SELECT 'metrics' AS Signal, toDateTime(toStartOfMinute(TimeUnix), 'UTC') AS Minute, now64(3, 'UTC') AS InsertedAt, count() AS Rows
FROM otel_metrics_summary_local
GROUP BY Minute;

CREATE TABLE dead_letters_local ON CLUSTER `all` (
  Id String,
  Topic LowCardinality(String),
  Partition UInt32,
  Offset UInt64,
  Reason LowCardinality(String),
  Message String,
  Source String,
  ReceivedAt DateTime64(3, 'UTC'),
  QuarantinedAt DateTime64(3, 'UTC'),
  State LowCardinality(String),
  Payload String CODEC(ZSTD(3)),
  Version UInt64
) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/ninefold/dead_letters_local', '{replica}', Version)
PARTITION BY toYYYYMM(ReceivedAt)
ORDER BY (Topic, Partition, Offset)
TTL toDateTime(ReceivedAt) + INTERVAL 100 DAY
SETTINGS replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 31536000, fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE dead_letters ON CLUSTER `all` AS dead_letters_local
ENGINE = Distributed('all', 'ninefold', 'dead_letters_local', cityHash64(Topic, Partition, Offset));

CREATE TABLE sink_offsets_local ON CLUSTER `all` (
  Topic LowCardinality(String),
  Partition UInt32,
  First UInt64,
  Last UInt64,
  Bytes UInt64,
  Token String,
  InsertedAt DateTime64(3, 'UTC')
) ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/ninefold/sink_offsets_local', '{replica}')
PARTITION BY toYYYYMM(InsertedAt)
ORDER BY (Topic, Partition, First)
TTL toDateTime(InsertedAt) + INTERVAL 35 DAY
SETTINGS replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 31536000;

CREATE TABLE sink_offsets ON CLUSTER `all` AS sink_offsets_local
ENGINE = Distributed('all', 'ninefold', 'sink_offsets_local', cityHash64(Topic, Partition, First));
