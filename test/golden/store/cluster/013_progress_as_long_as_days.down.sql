ALTER TABLE rollup_progress_local ON CLUSTER `all`
  MODIFY TTL Start + INTERVAL 400 DAY;
