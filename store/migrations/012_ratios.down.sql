DROP TABLE IF EXISTS ratio_revisions;
DROP TABLE IF EXISTS ratio_day;
DROP TABLE IF EXISTS ratio_hour;
DROP TABLE IF EXISTS ratio_minute;
