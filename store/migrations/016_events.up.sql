-- CloudEvents. Their attributes are columns; Attributes has extensions by their names and what is in the data by its path (data.amount),
-- ResourceAttributes what of them would be an attribute of a resource. Data is as it came: JSON, text, or the bytes of data_base64.
--
-- The same Source and Id is the same event (the first one received), however often it came: read with store/queries/event-repeats.ts.

CREATE TABLE events (
  Time DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
  ReceivedAt DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
  EventKey FixedString(16) DEFAULT sipHash128(Source, Id),
  Id String CODEC(ZSTD(1)),
  Source LowCardinality(String) CODEC(ZSTD(1)),
  Type LowCardinality(String) CODEC(ZSTD(1)),
  SpecVersion LowCardinality(String) CODEC(ZSTD(1)),
  Subject String CODEC(ZSTD(1)),
  DataContentType LowCardinality(String) CODEC(ZSTD(1)),
  DataSchema LowCardinality(String) CODEC(ZSTD(1)),
  Data String CODEC(ZSTD(3)),
  Attributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
  ResourceAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
  ServiceName LowCardinality(String) CODEC(ZSTD(1)),
  Region LowCardinality(String) CODEC(ZSTD(1)),
  AvailabilityZone LowCardinality(String) CODEC(ZSTD(1)),
  Cluster LowCardinality(String) CODEC(ZSTD(1)),
  Node LowCardinality(String) CODEC(ZSTD(1)),
  Pod LowCardinality(String) CODEC(ZSTD(1)),
  Container LowCardinality(String) CODEC(ZSTD(1)),
  Process LowCardinality(String) CODEC(ZSTD(1)),
  Component LowCardinality(String) CODEC(ZSTD(1)),
  Environment LowCardinality(String) CODEC(ZSTD(1)),
  Synthetic Bool,
  INDEX idx_time Time TYPE minmax GRANULARITY 1
) ENGINE = MergeTree
PARTITION BY toDate(Time)
ORDER BY (Type, toStartOfHour(Time), Source, Time)
TTL toDateTime(Time) + INTERVAL 35 DAY
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000,
  fsync_after_insert = 1, fsync_part_directory = 1, merge_selector_base = 12,
  min_level_for_wide_part = 1, min_bytes_for_wide_part = 4194304, vertical_merge_algorithm_min_rows_to_activate = 16384;

-- Every delivery of every event, found by the event: which one is the first is asked for a few minutes' events at a time.
CREATE TABLE event_deliveries (
  EventKey FixedString(16) CODEC(ZSTD(1)),
  ReceivedAt DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
  Time DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1))
) ENGINE = MergeTree
PARTITION BY toYYYYMM(ReceivedAt)
ORDER BY EventKey
TTL toDateTime(ReceivedAt) + INTERVAL 35 DAY
SETTINGS index_granularity = 1024, non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1,
  merge_selector_base = 12;

CREATE MATERIALIZED VIEW event_deliveries_mv TO event_deliveries AS
SELECT EventKey, ReceivedAt, Time
FROM events;

CREATE MATERIALIZED VIEW arrivals_events_mv TO arrivals AS
SELECT 'events' AS Signal, toDateTime(toStartOfMinute(Time), 'UTC') AS Minute, now64(3, 'UTC') AS InsertedAt, count() AS Rows
FROM events
GROUP BY Minute;
