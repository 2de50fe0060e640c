CREATE TABLE spec_sets_local ON CLUSTER `all` (
  Sequence UInt64,
  Revision String,
  AppliedAt DateTime64(3, 'UTC'),
  Source LowCardinality(String),
  Path String,
  Author String,
  Commit String,
  Message String,
  Slos UInt32,
  Files String CODEC(ZSTD(6))
) ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/ninefold/spec_sets_local', '{replica}')
ORDER BY Sequence
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE spec_sets ON CLUSTER `all` AS spec_sets_local
ENGINE = Distributed('all', 'ninefold', 'spec_sets_local', cityHash64(Sequence));
