DROP TABLE IF EXISTS ratio_revisions ON CLUSTER `all` SYNC;

DROP TABLE IF EXISTS ratio_revisions_local ON CLUSTER `all` SYNC;

DROP TABLE IF EXISTS ratio_day ON CLUSTER `all` SYNC;

DROP TABLE IF EXISTS ratio_day_local ON CLUSTER `all` SYNC;

DROP TABLE IF EXISTS ratio_hour ON CLUSTER `all` SYNC;

DROP TABLE IF EXISTS ratio_hour_local ON CLUSTER `all` SYNC;

DROP TABLE IF EXISTS ratio_minute ON CLUSTER `all` SYNC;

DROP TABLE IF EXISTS ratio_minute_local ON CLUSTER `all` SYNC;
