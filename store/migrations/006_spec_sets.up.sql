-- What was promised when: one row each time a set of specs came into force, never replaced, never deleted. The row with the highest
-- Sequence is in force. Source is where it came from: the specs folder (`directory`), somebody (`apply`) or the past (`rollback`). Files is
-- the JSON of [{file, text}].
CREATE TABLE spec_sets (
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
) ENGINE = MergeTree
ORDER BY Sequence
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
