DROP VIEW IF EXISTS arrivals_events_mv ON CLUSTER `all` SYNC;

DROP VIEW IF EXISTS event_deliveries_mv ON CLUSTER `all` SYNC;

DROP TABLE IF EXISTS event_deliveries ON CLUSTER `all` SYNC;

DROP TABLE IF EXISTS event_deliveries_local ON CLUSTER `all` SYNC;

DROP TABLE IF EXISTS events ON CLUSTER `all` SYNC;

DROP TABLE IF EXISTS events_local ON CLUSTER `all` SYNC;
