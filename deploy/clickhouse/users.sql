-- Three users, each with the rights of its work and no others. Run once by an administrator, e.g. `clickhouse-client --multiquery < users.sql`.
--
-- Nobody can log in as them until they have a password and a place to come from:
--   ALTER USER ninefold_writer IDENTIFIED WITH sha256_password BY '…' HOST ANY;
-- On a cluster, write `ON CLUSTER name` after each name, or use a replicated access storage.

CREATE DATABASE IF NOT EXISTS ninefold;

-- Makes and changes tables: `ninefold migrate up`. Reads and inserts too, because migrations may move rows and the materialized views
-- run with the rights of the user who made them.
CREATE USER IF NOT EXISTS ninefold_migrator IDENTIFIED WITH no_password HOST NONE;
GRANT CREATE TABLE, CREATE VIEW, DROP TABLE, DROP VIEW, ALTER TABLE, ALTER VIEW, SELECT, INSERT ON ninefold.* TO ninefold_migrator;
GRANT SELECT ON system.tables TO ninefold_migrator;
GRANT SELECT ON system.columns TO ninefold_migrator;
-- Only with `store.cluster`: statements go to all servers, and Distributed tables reach the others.
GRANT CLUSTER, REMOTE, CREATE TEMPORARY TABLE ON *.* TO ninefold_migrator;

-- `store.username`: stores telemetry and works out the numbers. It adds rows and reads; it makes, changes, deletes and truncates nothing,
-- and what was migrated is not its business. CREATE TEMPORARY TABLE is what the engine asks for `INSERT INTO FUNCTION null(…)`, with which
-- a suspicious payload is tried. With less than 64 MiB free an insert is refused before it begins: one that meets a full disk halfway may leave its
-- deduplication token without its rows.
CREATE USER IF NOT EXISTS ninefold_writer IDENTIFIED WITH no_password HOST NONE SETTINGS min_free_disk_bytes_to_perform_insert = 67108864;
GRANT SELECT, INSERT ON ninefold.* TO ninefold_writer;
REVOKE INSERT ON ninefold.schema_migrations FROM ninefold_writer;
GRANT SELECT ON system.tables TO ninefold_writer;
GRANT SELECT ON system.columns TO ninefold_writer;
GRANT CREATE TEMPORARY TABLE ON *.* TO ninefold_writer;

-- `store.readerUsername`: everything that the API, the viewer and Grafana show. `readonly = 2` lets a query bring its own limits, up to
-- the bounds here, and nothing lifts it. That alone would leave table functions (url, file, remote, s3 …) usable: they need rights of
-- their own (READ ON URL, READ ON FILE, …), and this user has none of them.
CREATE SETTINGS PROFILE IF NOT EXISTS ninefold_reader SETTINGS
  readonly = 2 CONST,
  allow_ddl = 0 CONST,
  allow_introspection_functions = 0 CONST,
  distributed_product_mode = 'global',
  max_execution_time = 120 MIN 1 MAX 300,
  max_memory_usage = 8000000000 MIN 1 MAX 16000000000;
CREATE USER IF NOT EXISTS ninefold_reader IDENTIFIED WITH no_password HOST NONE SETTINGS PROFILE 'ninefold_reader';
GRANT SELECT ON ninefold.* TO ninefold_reader;
GRANT SELECT ON system.tables TO ninefold_reader;
GRANT SELECT ON system.columns TO ninefold_reader;
