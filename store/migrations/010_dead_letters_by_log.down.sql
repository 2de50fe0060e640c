ALTER TABLE dead_letters MODIFY ORDER BY (Topic, Partition, Offset);
ALTER TABLE dead_letters DROP COLUMN IF EXISTS LogId;
