-- Of SLOs that a Prometheus or a query counts: which minutes the source was asked for. Forward from PulledTo it goes on with time, backward
-- from PulledFrom until the past that the SLO looks at is there.
CREATE TABLE source_progress (
  Slo LowCardinality(String),
  Revision String,
  PulledFrom DateTime('UTC'),
  PulledTo DateTime('UTC'),
  Version UInt64
) ENGINE = ReplacingMergeTree(Version)
ORDER BY (Slo, Revision)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
