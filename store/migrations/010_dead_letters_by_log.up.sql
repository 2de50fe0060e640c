-- A topic that was made anew begins its offsets again: letters of the former log must not give way to those of the new one. Letters from
-- before this migration have an empty LogId, and their Id says which log they are of.
ALTER TABLE dead_letters
  ADD COLUMN IF NOT EXISTS LogId String AFTER Offset,
  MODIFY ORDER BY (Topic, Partition, Offset, LogId);
