-- Roll-ups of verdicts. Rows are versioned and replaced: reading needs FINAL (or argMax by Version), and a recomputed minute
-- simply supersedes its former rows. A tuple that once had events keeps having them, because raw rows are only ever added.
--
-- sli_<step> holds one row per SLO revision, step and layer tuple; slo_<step> holds the same counts without layers, so that all
-- windows of all SLOs are read from a few hundred rows each, however many pods there are.
--
-- The sorting key begins with the enclosing hour (day, month): most reads want a short range of time for many SLOs, and a late
-- event recomputes one hour, which must not read a day.

CREATE TABLE sli_minute (
  Slo LowCardinality(String),
  Revision LowCardinality(String),
  Minute DateTime('UTC') CODEC(Delta, ZSTD(1)),
  Region LowCardinality(String),
  AvailabilityZone LowCardinality(String),
  Cluster LowCardinality(String),
  Node LowCardinality(String),
  Pod LowCardinality(String),
  Container LowCardinality(String),
  Process LowCardinality(String),
  Component LowCardinality(String),
  Service LowCardinality(String),
  Environment LowCardinality(String),
  Good UInt64 CODEC(T64, ZSTD(1)),
  Valid UInt64 CODEC(T64, ZSTD(1)),
  Version UInt64 CODEC(Delta, ZSTD(1))
) ENGINE = ReplacingMergeTree(Version)
PARTITION BY toDate(Minute)
ORDER BY (toStartOfHour(Minute), Slo, Revision, Minute, Region, AvailabilityZone, Cluster, Node, Pod, Container, Process, Component, Service, Environment)
TTL Minute + INTERVAL 100 DAY
SETTINGS ttl_only_drop_parts = 1;

CREATE TABLE slo_minute (
  Slo LowCardinality(String),
  Revision LowCardinality(String),
  Minute DateTime('UTC') CODEC(Delta, ZSTD(1)),
  Good UInt64 CODEC(T64, ZSTD(1)),
  Valid UInt64 CODEC(T64, ZSTD(1)),
  Version UInt64 CODEC(Delta, ZSTD(1))
) ENGINE = ReplacingMergeTree(Version)
PARTITION BY toDate(Minute)
ORDER BY (Minute, Slo, Revision)
TTL Minute + INTERVAL 100 DAY
SETTINGS ttl_only_drop_parts = 1;

CREATE TABLE sli_hour (
  Slo LowCardinality(String),
  Revision LowCardinality(String),
  Hour DateTime('UTC') CODEC(Delta, ZSTD(1)),
  Region LowCardinality(String),
  AvailabilityZone LowCardinality(String),
  Cluster LowCardinality(String),
  Node LowCardinality(String),
  Pod LowCardinality(String),
  Container LowCardinality(String),
  Process LowCardinality(String),
  Component LowCardinality(String),
  Service LowCardinality(String),
  Environment LowCardinality(String),
  Good UInt64 CODEC(T64, ZSTD(1)),
  Valid UInt64 CODEC(T64, ZSTD(1)),
  Version UInt64 CODEC(Delta, ZSTD(1))
) ENGINE = ReplacingMergeTree(Version)
PARTITION BY toYYYYMM(Hour)
ORDER BY (toStartOfDay(Hour), Slo, Revision, Hour, Region, AvailabilityZone, Cluster, Node, Pod, Container, Process, Component, Service, Environment)
TTL Hour + INTERVAL 400 DAY
SETTINGS ttl_only_drop_parts = 1;

CREATE TABLE slo_hour (
  Slo LowCardinality(String),
  Revision LowCardinality(String),
  Hour DateTime('UTC') CODEC(Delta, ZSTD(1)),
  Good UInt64 CODEC(T64, ZSTD(1)),
  Valid UInt64 CODEC(T64, ZSTD(1)),
  Version UInt64 CODEC(Delta, ZSTD(1))
) ENGINE = ReplacingMergeTree(Version)
PARTITION BY toYYYYMM(Hour)
ORDER BY (Hour, Slo, Revision)
TTL Hour + INTERVAL 400 DAY
SETTINGS ttl_only_drop_parts = 1;

CREATE TABLE sli_day (
  Slo LowCardinality(String),
  Revision LowCardinality(String),
  Day DateTime('UTC') CODEC(Delta, ZSTD(1)),
  Region LowCardinality(String),
  AvailabilityZone LowCardinality(String),
  Cluster LowCardinality(String),
  Node LowCardinality(String),
  Pod LowCardinality(String),
  Container LowCardinality(String),
  Process LowCardinality(String),
  Component LowCardinality(String),
  Service LowCardinality(String),
  Environment LowCardinality(String),
  Good UInt64 CODEC(T64, ZSTD(1)),
  Valid UInt64 CODEC(T64, ZSTD(1)),
  Version UInt64 CODEC(Delta, ZSTD(1))
) ENGINE = ReplacingMergeTree(Version)
PARTITION BY toYear(Day)
ORDER BY (toStartOfMonth(Day), Slo, Revision, Day, Region, AvailabilityZone, Cluster, Node, Pod, Container, Process, Component, Service, Environment)
TTL Day + INTERVAL 5 YEAR
SETTINGS ttl_only_drop_parts = 1;

CREATE TABLE slo_day (
  Slo LowCardinality(String),
  Revision LowCardinality(String),
  Day DateTime('UTC') CODEC(Delta, ZSTD(1)),
  Good UInt64 CODEC(T64, ZSTD(1)),
  Valid UInt64 CODEC(T64, ZSTD(1)),
  Version UInt64 CODEC(Delta, ZSTD(1))
) ENGINE = ReplacingMergeTree(Version)
PARTITION BY toYear(Day)
ORDER BY (Day, Slo, Revision)
TTL Day + INTERVAL 5 YEAR
SETTINGS ttl_only_drop_parts = 1;
