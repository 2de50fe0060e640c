DROP TABLE IF EXISTS notifications;
DROP TABLE IF EXISTS alerts;
DROP TABLE IF EXISTS spec_revisions;
DROP TABLE IF EXISTS rollup_progress;
