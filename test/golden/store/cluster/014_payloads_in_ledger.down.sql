ALTER TABLE sink_offsets_local ON CLUSTER `all`
  DROP COLUMN IF EXISTS Payloads, DROP COLUMN IF EXISTS PayloadsReceivedAt;

ALTER TABLE sink_offsets ON CLUSTER `all`
  DROP COLUMN IF EXISTS Payloads,
  DROP COLUMN IF EXISTS PayloadsReceivedAt;
