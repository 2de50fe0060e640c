-- Which payloads of a range became rows, by what their bytes are known by, and when the newest of the range was received: over Kafka the same
-- bytes again, minutes later, are the same telemetry sent again. Only what is read within the window of a restart is needed, so a day is plenty.
ALTER TABLE sink_offsets
  ADD COLUMN IF NOT EXISTS Payloads Array(UUID) TTL toDateTime(InsertedAt) + INTERVAL 1 DAY,
  ADD COLUMN IF NOT EXISTS PayloadsReceivedAt DateTime64(3, 'UTC');
