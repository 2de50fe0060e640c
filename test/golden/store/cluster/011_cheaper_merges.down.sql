ALTER TABLE otel_traces_local ON CLUSTER `all`
  RESET SETTING merge_selector_base, min_level_for_wide_part, vertical_merge_algorithm_min_rows_to_activate;

ALTER TABLE otel_traces_local ON CLUSTER `all`
  MODIFY SETTING min_bytes_for_wide_part = 67108864;

ALTER TABLE otel_logs_local ON CLUSTER `all`
  RESET SETTING merge_selector_base, min_level_for_wide_part, vertical_merge_algorithm_min_rows_to_activate;

ALTER TABLE otel_logs_local ON CLUSTER `all`
  MODIFY SETTING min_bytes_for_wide_part = 67108864;

ALTER TABLE otel_metrics_gauge_local ON CLUSTER `all`
  RESET SETTING merge_selector_base, min_level_for_wide_part, vertical_merge_algorithm_min_rows_to_activate;

ALTER TABLE otel_metrics_gauge_local ON CLUSTER `all`
  MODIFY SETTING min_bytes_for_wide_part = 67108864;

ALTER TABLE otel_metrics_sum_local ON CLUSTER `all`
  RESET SETTING merge_selector_base, min_level_for_wide_part, vertical_merge_algorithm_min_rows_to_activate;

ALTER TABLE otel_metrics_sum_local ON CLUSTER `all`
  MODIFY SETTING min_bytes_for_wide_part = 67108864;

ALTER TABLE otel_metrics_histogram_local ON CLUSTER `all`
  RESET SETTING merge_selector_base, min_level_for_wide_part, vertical_merge_algorithm_min_rows_to_activate;

ALTER TABLE otel_metrics_histogram_local ON CLUSTER `all`
  MODIFY SETTING min_bytes_for_wide_part = 67108864;

ALTER TABLE otel_metrics_exponential_histogram_local ON CLUSTER `all`
  RESET SETTING merge_selector_base, min_level_for_wide_part, vertical_merge_algorithm_min_rows_to_activate;

ALTER TABLE otel_metrics_exponential_histogram_local ON CLUSTER `all`
  MODIFY SETTING min_bytes_for_wide_part = 67108864;

ALTER TABLE otel_metrics_summary_local ON CLUSTER `all`
  RESET SETTING merge_selector_base, min_level_for_wide_part, vertical_merge_algorithm_min_rows_to_activate;

ALTER TABLE otel_metrics_summary_local ON CLUSTER `all`
  MODIFY SETTING min_bytes_for_wide_part = 67108864;

ALTER TABLE otel_traces_trace_id_ts_local ON CLUSTER `all`
  RESET SETTING merge_selector_base;

ALTER TABLE arrivals_local ON CLUSTER `all`
  RESET SETTING merge_selector_base;

ALTER TABLE sink_offsets_local ON CLUSTER `all`
  RESET SETTING merge_selector_base;

ALTER TABLE sink_intents_local ON CLUSTER `all`
  RESET SETTING merge_selector_base;
