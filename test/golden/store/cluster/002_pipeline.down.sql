DROP VIEW IF EXISTS arrivals_traces_mv ON CLUSTER `all` SYNC;

DROP VIEW IF EXISTS arrivals_logs_mv ON CLUSTER `all` SYNC;

DROP VIEW IF EXISTS arrivals_metrics_gauge_mv ON CLUSTER `all` SYNC;

DROP VIEW IF EXISTS arrivals_metrics_sum_mv ON CLUSTER `all` SYNC;

DROP VIEW IF EXISTS arrivals_metrics_histogram_mv ON CLUSTER `all` SYNC;

DROP VIEW IF EXISTS arrivals_metrics_exponential_histogram_mv ON CLUSTER `all` SYNC;

DROP VIEW IF EXISTS arrivals_metrics_summary_mv ON CLUSTER `all` SYNC;

DROP TABLE IF EXISTS arrivals ON CLUSTER `all` SYNC;

DROP TABLE IF EXISTS arrivals_local ON CLUSTER `all` SYNC;

DROP TABLE IF EXISTS dead_letters ON CLUSTER `all` SYNC;

DROP TABLE IF EXISTS dead_letters_local ON CLUSTER `all` SYNC;

DROP TABLE IF EXISTS sink_offsets ON CLUSTER `all` SYNC;

DROP TABLE IF EXISTS sink_offsets_local ON CLUSTER `all` SYNC;
