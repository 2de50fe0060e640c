-- Progress is kept by shard of SLOs, so that several processes can compute. A row says what was computed for the SLOs whose
-- CRC32(Slo) % (LastShard + 1) is Shard. LastShard is the highest shard there was, so rows of one process alone, which has all SLOs, have
-- 0 in both, and so have those from before this migration.
ALTER TABLE rollup_progress
  ADD COLUMN IF NOT EXISTS LastShard UInt16,
  ADD COLUMN IF NOT EXISTS Shard UInt16,
  MODIFY ORDER BY (Step, Signal, Start, LastShard, Shard);

-- The next Sequence is given once: its number is the deduplication token, and of two sets that want the same one only the first is written.
ALTER TABLE spec_sets MODIFY SETTING non_replicated_deduplication_window = 10000;
