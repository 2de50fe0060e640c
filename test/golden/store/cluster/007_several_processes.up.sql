ALTER TABLE rollup_progress_local ON CLUSTER `all`
  ADD COLUMN IF NOT EXISTS LastShard UInt16,
  ADD COLUMN IF NOT EXISTS Shard UInt16,
  MODIFY ORDER BY (Step, Signal, Start, LastShard, Shard);

ALTER TABLE rollup_progress ON CLUSTER `all`
  ADD COLUMN IF NOT EXISTS LastShard UInt16,
  ADD COLUMN IF NOT EXISTS Shard UInt16;

ALTER TABLE spec_sets_local ON CLUSTER `all`
  MODIFY SETTING replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 31536000;
