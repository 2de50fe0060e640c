DROP VIEW IF EXISTS arrivals_synthetics_mv ON CLUSTER `all` SYNC;

DROP VIEW IF EXISTS synthetic_results ON CLUSTER `all` SYNC;
