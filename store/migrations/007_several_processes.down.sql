-- What single shards had computed is computed once more by the older version.
DELETE FROM rollup_progress WHERE LastShard > 0;
ALTER TABLE rollup_progress MODIFY ORDER BY (Step, Signal, Start);
ALTER TABLE rollup_progress DROP COLUMN IF EXISTS Shard, DROP COLUMN IF EXISTS LastShard;
ALTER TABLE spec_sets RESET SETTING non_replicated_deduplication_window;
