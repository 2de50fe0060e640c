-- What sinks were about to insert, written before the insert where the bus's positions can be moved by others (Kafka). A range in here
-- that is not in sink_offsets may or may not have become rows: it is inserted again under its own token, never under another.
CREATE TABLE sink_intents (
  Topic LowCardinality(String),
  Partition UInt32,
  First UInt64,
  Last UInt64,
  Token String,
  AnnouncedAt DateTime64(3, 'UTC')
) ENGINE = MergeTree
PARTITION BY toYYYYMM(AnnouncedAt)
ORDER BY (Topic, Partition, First)
TTL toDateTime(AnnouncedAt) + INTERVAL 35 DAY
SETTINGS non_replicated_deduplication_window = 10000;
