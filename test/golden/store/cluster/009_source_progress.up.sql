CREATE TABLE source_progress_local ON CLUSTER `all` (
  Slo LowCardinality(String),
  Revision String,
  PulledFrom DateTime('UTC'),
  PulledTo DateTime('UTC'),
  Version UInt64
) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/ninefold/source_progress_local', '{replica}', Version)
ORDER BY (Slo, Revision)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE source_progress ON CLUSTER `all` AS source_progress_local
ENGINE = Distributed('all', 'ninefold', 'source_progress_local', cityHash64(Slo, Revision));
