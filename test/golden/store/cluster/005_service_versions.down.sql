DROP TABLE IF EXISTS service_versions ON CLUSTER `all` SYNC;

DROP TABLE IF EXISTS service_versions_local ON CLUSTER `all` SYNC;
