-- Small batches cost more to merge than to insert. Two things made it so:
-- merge_selector_base: the engine adds 5 MiB to each part when it compares sizes, so with the default of 5 any five small parts were merged
-- at once, among them the one that all former had been merged into. Batches of 2,560 spans were written six times each, with 12 twice.
-- Wide from the first merge on: whole rows are merged where the result is a compact part or short, column by column where it is not, which
-- takes less than half. What an insert writes is always compact (min_level_for_wide_part): few files to write and sync.
-- Tables that are read with FINAL are merged as before: there, more parts cost more than merging them.

ALTER TABLE otel_traces MODIFY SETTING merge_selector_base = 12,
  min_level_for_wide_part = 1, min_bytes_for_wide_part = 4194304, vertical_merge_algorithm_min_rows_to_activate = 16384;
ALTER TABLE otel_logs MODIFY SETTING merge_selector_base = 12,
  min_level_for_wide_part = 1, min_bytes_for_wide_part = 4194304, vertical_merge_algorithm_min_rows_to_activate = 16384;
ALTER TABLE otel_metrics_gauge MODIFY SETTING merge_selector_base = 12,
  min_level_for_wide_part = 1, min_bytes_for_wide_part = 4194304, vertical_merge_algorithm_min_rows_to_activate = 16384;
ALTER TABLE otel_metrics_sum MODIFY SETTING merge_selector_base = 12,
  min_level_for_wide_part = 1, min_bytes_for_wide_part = 4194304, vertical_merge_algorithm_min_rows_to_activate = 16384;
ALTER TABLE otel_metrics_histogram MODIFY SETTING merge_selector_base = 12,
  min_level_for_wide_part = 1, min_bytes_for_wide_part = 4194304, vertical_merge_algorithm_min_rows_to_activate = 16384;
ALTER TABLE otel_metrics_exponential_histogram MODIFY SETTING merge_selector_base = 12,
  min_level_for_wide_part = 1, min_bytes_for_wide_part = 4194304, vertical_merge_algorithm_min_rows_to_activate = 16384;
ALTER TABLE otel_metrics_summary MODIFY SETTING merge_selector_base = 12,
  min_level_for_wide_part = 1, min_bytes_for_wide_part = 4194304, vertical_merge_algorithm_min_rows_to_activate = 16384;
ALTER TABLE otel_traces_trace_id_ts MODIFY SETTING merge_selector_base = 12;
ALTER TABLE arrivals MODIFY SETTING merge_selector_base = 12;
ALTER TABLE sink_offsets MODIFY SETTING merge_selector_base = 12;
ALTER TABLE sink_intents MODIFY SETTING merge_selector_base = 12;
