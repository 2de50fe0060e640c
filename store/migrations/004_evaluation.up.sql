-- How far the roll-ups are. Step 'minute': the minute of this signal was computed when `arrivals` counted Rows rows of it; it is
-- dirty again as soon as that sum differs. Settled is 0 when the newest of them had arrived so shortly before that a block might
-- have been counted before it could be read: such a minute is computed once more. Steps 'hour' and 'day' (Signal empty) were made
-- from minutes whose highest Version was Rows.
CREATE TABLE rollup_progress (
  Step LowCardinality(String),
  Signal LowCardinality(String),
  Start DateTime('UTC') CODEC(Delta, ZSTD(1)),
  Rows UInt64,
  Settled UInt8,
  Version UInt64
) ENGINE = ReplacingMergeTree(Version)
ORDER BY (Step, Signal, Start)
TTL Start + INTERVAL 400 DAY;

-- Every revision of every SLO that was ever evaluated. Document is the resolved SLO as JSON. HistoryFrom is the first minute from
-- which on the roll-ups of this revision are complete; HistoryDone says that raw events reach back no further.
CREATE TABLE spec_revisions (
  Slo LowCardinality(String),
  Revision String,
  Service LowCardinality(String),
  Document String CODEC(ZSTD(3)),
  SpecSetRevision String,
  FirstSeenAt DateTime64(3, 'UTC'),
  HistoryFrom DateTime('UTC'),
  HistoryDone UInt8,
  Version UInt64
) ENGINE = ReplacingMergeTree(Version)
ORDER BY (Slo, Revision)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- One row an episode, replaced as it goes on. StartedAt (when it began to be pending) identifies it within its SLO and severity,
-- because the deduplication key exists only once it fires. Evidence and BurningLayers are JSON, counts in them as text.
CREATE TABLE alerts (
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
) ENGINE = ReplacingMergeTree(Version)
ORDER BY (Slo, Severity, StartedAt)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- Outbox and journal of notifications in one: written before the first attempt, replaced after each. Body never holds a secret.
CREATE TABLE notifications (
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
) ENGINE = ReplacingMergeTree(Version)
ORDER BY (Id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
