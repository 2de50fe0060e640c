DROP TABLE IF EXISTS source_progress ON CLUSTER `all` SYNC;

DROP TABLE IF EXISTS source_progress_local ON CLUSTER `all` SYNC;
