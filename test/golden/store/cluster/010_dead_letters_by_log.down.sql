ALTER TABLE dead_letters_local ON CLUSTER `all`
  MODIFY ORDER BY (Topic, Partition, Offset);

ALTER TABLE dead_letters_local ON CLUSTER `all`
  DROP COLUMN IF EXISTS LogId;

ALTER TABLE dead_letters ON CLUSTER `all`
  DROP COLUMN IF EXISTS LogId;
