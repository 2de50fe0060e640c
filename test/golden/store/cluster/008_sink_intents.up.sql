CREATE TABLE sink_intents_local ON CLUSTER `all` (
  Topic LowCardinality(String),
  Partition UInt32,
  First UInt64,
  Last UInt64,
  Token String,
  AnnouncedAt DateTime64(3, 'UTC')
) ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/ninefold/sink_intents_local', '{replica}')
PARTITION BY toYYYYMM(AnnouncedAt)
ORDER BY (Topic, Partition, First)
TTL toDateTime(AnnouncedAt) + INTERVAL 35 DAY
SETTINGS replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 31536000;

CREATE TABLE sink_intents ON CLUSTER `all` AS sink_intents_local
ENGINE = Distributed('all', 'ninefold', 'sink_intents_local', cityHash64(Topic, Partition, First));
