ALTER TABLE dead_letters_local ON CLUSTER `all`
  ADD COLUMN IF NOT EXISTS LogId String AFTER Offset,
  MODIFY ORDER BY (Topic, Partition, Offset, LogId);

ALTER TABLE dead_letters ON CLUSTER `all`
  ADD COLUMN IF NOT EXISTS LogId String AFTER Offset;
