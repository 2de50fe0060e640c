ALTER TABLE otel_traces_local ON CLUSTER `all`
  MODIFY SETTING merge_selector_base = 12,
  min_level_for_wide_part = 1, min_bytes_for_wide_part = 4194304, vertical_merge_algorithm_min_rows_to_activate = 16384;

ALTER TABLE otel_logs_local ON CLUSTER `all`
  MODIFY SETTING merge_selector_base = 12,
  min_level_for_wide_part = 1, min_bytes_for_wide_part = 4194304, vertical_merge_algorithm_min_rows_to_activate = 16384;

ALTER TABLE otel_metrics_gauge_local ON CLUSTER `all`
  MODIFY SETTING merge_selector_base = 12,
  min_level_for_wide_part = 1, min_bytes_for_wide_part = 4194304, vertical_merge_algorithm_min_rows_to_activate = 16384;

ALTER TABLE otel_metrics_sum_local ON CLUSTER `all`
  MODIFY SETTING merge_selector_base = 12,
  min_level_for_wide_part = 1, min_bytes_for_wide_part = 4194304, vertical_merge_algorithm_min_rows_to_activate = 16384;

ALTER TABLE otel_metrics_histogram_local ON CLUSTER `all`
  MODIFY SETTING merge_selector_base = 12,
  min_level_for_wide_part = 1, min_bytes_for_wide_part = 4194304, vertical_merge_algorithm_min_rows_to_activate = 16384;

ALTER TABLE otel_metrics_exponential_histogram_local ON CLUSTER `all`
  MODIFY SETTING merge_selector_base = 12,
  min_level_for_wide_part = 1, min_bytes_for_wide_part = 4194304, vertical_merge_algorithm_min_rows_to_activate = 16384;

ALTER TABLE otel_metrics_summary_local ON CLUSTER `all`
  MODIFY SETTING merge_selector_base = 12,
  min_level_for_wide_part = 1, min_bytes_for_wide_part = 4194304, vertical_merge_algorithm_min_rows_to_activate = 16384;

ALTER TABLE otel_traces_trace_id_ts_local ON CLUSTER `all`
  MODIFY SETTING merge_selector_base = 12;

ALTER TABLE arrivals_local ON CLUSTER `all`
  MODIFY SETTING merge_selector_base = 12;

ALTER TABLE sink_offsets_local ON CLUSTER `all`
  MODIFY SETTING merge_selector_base = 12;

ALTER TABLE sink_intents_local ON CLUSTER `all`
  MODIFY SETTING merge_selector_base = 12;
