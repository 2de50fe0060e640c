-- The minutes that anything arrived in are what the coverage of a period is told from: they stay for as long as its days. One row a minute and
-- signal, a few bytes.
ALTER TABLE rollup_progress MODIFY TTL Start + INTERVAL 5 YEAR;
