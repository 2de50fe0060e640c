CREATE TABLE rollup_progress_local ON CLUSTER `all` (
  Step LowCardinality(String),
  Signal LowCardinality(String),
  Start DateTime('UTC') CODEC(Delta, ZSTD(1)),
  Rows UInt64,
  Settled UInt8,
  Version UInt64
) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/ninefold/rollup_progress_local', '{replica}', Version)
ORDER BY (Step, Signal, Start)
TTL Start + INTERVAL 400 DAY;

CREATE TABLE rollup_progress ON CLUSTER `all` AS rollup_progress_local
ENGINE = Distributed('all', 'ninefold', 'rollup_progress_local', cityHash64(Step, Signal, Start));

CREATE TABLE spec_revisions_local ON CLUSTER `all` (
  Slo LowCardinality(String),
  Revision String,
  Service LowCardinality(String),
  Document String CODEC(ZSTD(3)),
  SpecSetRevision String,
  FirstSeenAt DateTime64(3, 'UTC'),
  HistoryFrom DateTime('UTC'),
  HistoryDone UInt8,
  Version UInt64
) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/ninefold/spec_revisions_local', '{replica}', Version)
ORDER BY (Slo, Revision)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE spec_revisions ON CLUSTER `all` AS spec_revisions_local
ENGINE = Distributed('all', 'ninefold', 'spec_revisions_local', cityHash64(Slo, Revision));

CREATE TABLE alerts_local ON CLUSTER `all` (
  Slo LowCardinality(String),
  Severity LowCardinality(String),
  StartedAt DateTime64(3, 'UTC'),
  Service LowCardinality(String),
  State LowCardinality(String),
  DedupKey String,
  PendingSince Nullable(DateTime64(3, 'UTC')),
  FiredAt Nullable(DateTime64(3, 'UTC')),
  ResolvedAt Nullable(DateTime64(3, 'UTC')),
  QuietSince Nullable(DateTime64(3, 'UTC')),
  Frozen UInt8,
  Inhibited UInt8,
  BudgetRemainingRatio Nullable(Float64),
  SuspectVersion Nullable(String),
  Evidence String CODEC(ZSTD(1)),
  BurningLayers String CODEC(ZSTD(1)),
  Version UInt64
) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/ninefold/alerts_local', '{replica}', Version)
ORDER BY (Slo, Severity, StartedAt)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE alerts ON CLUSTER `all` AS alerts_local
ENGINE = Distributed('all', 'ninefold', 'alerts_local', cityHash64(Slo, Severity, StartedAt));

CREATE TABLE notifications_local ON CLUSTER `all` (
  Id String,
  Slo LowCardinality(String),
  Severity LowCardinality(String),
  Target LowCardinality(String),
  TargetKind LowCardinality(String),
  Action LowCardinality(String),
  DedupKey String,
  State LowCardinality(String),
  Attempts UInt32,
  CreatedAt DateTime64(3, 'UTC'),
  NextAttemptAt DateTime64(3, 'UTC'),
  SentAt Nullable(DateTime64(3, 'UTC')),
  LastError String,
  Body String CODEC(ZSTD(1)),
  Version UInt64
) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/ninefold/notifications_local', '{replica}', Version)
ORDER BY (Id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE notifications ON CLUSTER `all` AS notifications_local
ENGINE = Distributed('all', 'ninefold', 'notifications_local', cityHash64(Id));
