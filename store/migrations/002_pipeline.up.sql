-- What the pipeline knows of itself.

-- How many rows of each signal arrived for each minute of event time, one row per insert and minute: filled by the inserts themselves, in
-- the same deduplicated block. A minute whose sum differs from what its verdicts were computed with is dirty; a minute without any
-- is not covered.
CREATE TABLE arrivals (
  Signal LowCardinality(String),
  Minute DateTime('UTC') CODEC(Delta, ZSTD(1)),
  InsertedAt DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  Rows UInt64 CODEC(T64, ZSTD(1)),
  INDEX idx_inserted_at InsertedAt TYPE minmax GRANULARITY 1
) ENGINE = MergeTree
PARTITION BY toYYYYMM(Minute)
ORDER BY (Signal, Minute)
TTL Minute + INTERVAL 100 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

CREATE MATERIALIZED VIEW arrivals_traces_mv TO arrivals AS
SELECT 'traces' AS Signal, toDateTime(toStartOfMinute(Timestamp), 'UTC') AS Minute, now64(3, 'UTC') AS InsertedAt, count() AS Rows
FROM otel_traces
GROUP BY Minute;

CREATE MATERIALIZED VIEW arrivals_logs_mv TO arrivals AS
SELECT 'logs' AS Signal, toDateTime(toStartOfMinute(Timestamp), 'UTC') AS Minute, now64(3, 'UTC') AS InsertedAt, count() AS Rows
FROM otel_logs
GROUP BY Minute;

CREATE MATERIALIZED VIEW arrivals_metrics_gauge_mv TO arrivals AS
SELECT 'metrics' AS Signal, toDateTime(toStartOfMinute(TimeUnix), 'UTC') AS Minute, now64(3, 'UTC') AS InsertedAt, count() AS Rows
FROM otel_metrics_gauge
GROUP BY Minute;

CREATE MATERIALIZED VIEW arrivals_metrics_sum_mv TO arrivals AS
SELECT 'metrics' AS Signal, toDateTime(toStartOfMinute(TimeUnix), 'UTC') AS Minute, now64(3, 'UTC') AS InsertedAt, count() AS Rows
FROM otel_metrics_sum
GROUP BY Minute;

CREATE MATERIALIZED VIEW arrivals_metrics_histogram_mv TO arrivals AS
SELECT 'metrics' AS Signal, toDateTime(toStartOfMinute(TimeUnix), 'UTC') AS Minute, now64(3, 'UTC') AS InsertedAt, count() AS Rows
FROM otel_metrics_histogram
GROUP BY Minute;

CREATE MATERIALIZED VIEW arrivals_metrics_exponential_histogram_mv TO arrivals AS
SELECT 'metrics' AS Signal, toDateTime(toStartOfMinute(TimeUnix), 'UTC') AS Minute, now64(3, 'UTC') AS InsertedAt, count() AS Rows
FROM otel_metrics_exponential_histogram
GROUP BY Minute;

CREATE MATERIALIZED VIEW arrivals_metrics_summary_mv TO arrivals AS
SELECT 'metrics' AS Signal, toDateTime(toStartOfMinute(TimeUnix), 'UTC') AS Minute, now64(3, 'UTC') AS InsertedAt, count() AS Rows
FROM otel_metrics_summary
GROUP BY Minute;

-- Payloads that could not become rows, with their bytes and the reason. State: quarantined, replayed.
CREATE TABLE dead_letters (
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
) ENGINE = ReplacingMergeTree(Version)
PARTITION BY toYYYYMM(ReceivedAt)
ORDER BY (Topic, Partition, Offset)
TTL toDateTime(ReceivedAt) + INTERVAL 100 DAY
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

-- The ledger of the sink: which range of the bus became rows under which token.
CREATE TABLE sink_offsets (
  Topic LowCardinality(String),
  Partition UInt32,
  First UInt64,
  Last UInt64,
  Bytes UInt64,
  Token String,
  InsertedAt DateTime64(3, 'UTC')
) ENGINE = MergeTree
PARTITION BY toYYYYMM(InsertedAt)
ORDER BY (Topic, Partition, First)
TTL toDateTime(InsertedAt) + INTERVAL 35 DAY
SETTINGS non_replicated_deduplication_window = 10000;
