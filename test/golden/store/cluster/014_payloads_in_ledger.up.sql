ALTER TABLE sink_offsets_local ON CLUSTER `all`
  ADD COLUMN IF NOT EXISTS Payloads Array(UUID) TTL toDateTime(InsertedAt) + INTERVAL 1 DAY,
  ADD COLUMN IF NOT EXISTS PayloadsReceivedAt DateTime64(3, 'UTC');

ALTER TABLE sink_offsets ON CLUSTER `all`
  ADD COLUMN IF NOT EXISTS Payloads Array(UUID),
  ADD COLUMN IF NOT EXISTS PayloadsReceivedAt DateTime64(3, 'UTC');
