DELETE FROM rollup_progress_local ON CLUSTER `all` WHERE LastShard > 0;

ALTER TABLE rollup_progress_local ON CLUSTER `all`
  MODIFY ORDER BY (Step, Signal, Start);

ALTER TABLE rollup_progress_local ON CLUSTER `all`
  DROP COLUMN IF EXISTS Shard, DROP COLUMN IF EXISTS LastShard;

ALTER TABLE rollup_progress ON CLUSTER `all`
  DROP COLUMN IF EXISTS Shard,
  DROP COLUMN IF EXISTS LastShard;

ALTER TABLE spec_sets_local ON CLUSTER `all`
  RESET SETTING replicated_deduplication_window, replicated_deduplication_window_seconds;
