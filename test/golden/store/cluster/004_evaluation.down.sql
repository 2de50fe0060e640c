DROP TABLE IF EXISTS notifications ON CLUSTER `all` SYNC;

DROP TABLE IF EXISTS notifications_local ON CLUSTER `all` SYNC;

DROP TABLE IF EXISTS alerts ON CLUSTER `all` SYNC;

DROP TABLE IF EXISTS alerts_local ON CLUSTER `all` SYNC;

DROP TABLE IF EXISTS spec_revisions ON CLUSTER `all` SYNC;

DROP TABLE IF EXISTS spec_revisions_local ON CLUSTER `all` SYNC;

DROP TABLE IF EXISTS rollup_progress ON CLUSTER `all` SYNC;

DROP TABLE IF EXISTS rollup_progress_local ON CLUSTER `all` SYNC;
