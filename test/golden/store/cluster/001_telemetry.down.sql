DROP VIEW IF EXISTS otel_traces_trace_id_ts_mv ON CLUSTER `all` SYNC;

DROP TABLE IF EXISTS otel_traces_trace_id_ts ON CLUSTER `all` SYNC;

DROP TABLE IF EXISTS otel_traces_trace_id_ts_local ON CLUSTER `all` SYNC;

DROP TABLE IF EXISTS otel_traces ON CLUSTER `all` SYNC;

DROP TABLE IF EXISTS otel_traces_local ON CLUSTER `all` SYNC;

DROP TABLE IF EXISTS otel_logs ON CLUSTER `all` SYNC;

DROP TABLE IF EXISTS otel_logs_local ON CLUSTER `all` SYNC;

DROP TABLE IF EXISTS otel_metrics_gauge ON CLUSTER `all` SYNC;

DROP TABLE IF EXISTS otel_metrics_gauge_local ON CLUSTER `all` SYNC;

DROP TABLE IF EXISTS otel_metrics_sum ON CLUSTER `all` SYNC;

DROP TABLE IF EXISTS otel_metrics_sum_local ON CLUSTER `all` SYNC;

DROP TABLE IF EXISTS otel_metrics_histogram ON CLUSTER `all` SYNC;

DROP TABLE IF EXISTS otel_metrics_histogram_local ON CLUSTER `all` SYNC;

DROP TABLE IF EXISTS otel_metrics_exponential_histogram ON CLUSTER `all` SYNC;

DROP TABLE IF EXISTS otel_metrics_exponential_histogram_local ON CLUSTER `all` SYNC;

DROP TABLE IF EXISTS otel_metrics_summary ON CLUSTER `all` SYNC;

DROP TABLE IF EXISTS otel_metrics_summary_local ON CLUSTER `all` SYNC;
