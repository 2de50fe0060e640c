CREATE TABLE sli_minute_local ON CLUSTER `all` (
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
) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/ninefold/sli_minute_local', '{replica}', Version)
PARTITION BY toDate(Minute)
ORDER BY (toStartOfHour(Minute), Slo, Revision, Minute, Region, AvailabilityZone, Cluster, Node, Pod, Container, Process, Component, Service, Environment)
TTL Minute + INTERVAL 100 DAY
SETTINGS ttl_only_drop_parts = 1;

CREATE TABLE sli_minute ON CLUSTER `all` AS sli_minute_local
ENGINE = Distributed('all', 'ninefold', 'sli_minute_local', cityHash64(toStartOfHour(Minute), Slo, Revision, Minute, Region, AvailabilityZone, Cluster, Node, Pod, Container, Process, Component, Service, Environment));

CREATE TABLE slo_minute_local ON CLUSTER `all` (
  Slo LowCardinality(String),
  Revision LowCardinality(String),
  Minute DateTime('UTC') CODEC(Delta, ZSTD(1)),
  Good UInt64 CODEC(T64, ZSTD(1)),
  Valid UInt64 CODEC(T64, ZSTD(1)),
  Version UInt64 CODEC(Delta, ZSTD(1))
) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/ninefold/slo_minute_local', '{replica}', Version)
PARTITION BY toDate(Minute)
ORDER BY (Minute, Slo, Revision)
TTL Minute + INTERVAL 100 DAY
SETTINGS ttl_only_drop_parts = 1;

CREATE TABLE slo_minute ON CLUSTER `all` AS slo_minute_local
ENGINE = Distributed('all', 'ninefold', 'slo_minute_local', cityHash64(Minute, Slo, Revision));

CREATE TABLE sli_hour_local ON CLUSTER `all` (
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
) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/ninefold/sli_hour_local', '{replica}', Version)
PARTITION BY toYYYYMM(Hour)
ORDER BY (toStartOfDay(Hour), Slo, Revision, Hour, Region, AvailabilityZone, Cluster, Node, Pod, Container, Process, Component, Service, Environment)
TTL Hour + INTERVAL 400 DAY
SETTINGS ttl_only_drop_parts = 1;

CREATE TABLE sli_hour ON CLUSTER `all` AS sli_hour_local
ENGINE = Distributed('all', 'ninefold', 'sli_hour_local', cityHash64(toStartOfDay(Hour), Slo, Revision, Hour, Region, AvailabilityZone, Cluster, Node, Pod, Container, Process, Component, Service, Environment));

CREATE TABLE slo_hour_local ON CLUSTER `all` (
  Slo LowCardinality(String),
  Revision LowCardinality(String),
  Hour DateTime('UTC') CODEC(Delta, ZSTD(1)),
  Good UInt64 CODEC(T64, ZSTD(1)),
  Valid UInt64 CODEC(T64, ZSTD(1)),
  Version UInt64 CODEC(Delta, ZSTD(1))
) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/ninefold/slo_hour_local', '{replica}', Version)
PARTITION BY toYYYYMM(Hour)
ORDER BY (Hour, Slo, Revision)
TTL Hour + INTERVAL 400 DAY
SETTINGS ttl_only_drop_parts = 1;

CREATE TABLE slo_hour ON CLUSTER `all` AS slo_hour_local
ENGINE = Distributed('all', 'ninefold', 'slo_hour_local', cityHash64(Hour, Slo, Revision));

CREATE TABLE sli_day_local ON CLUSTER `all` (
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
) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/ninefold/sli_day_local', '{replica}', Version)
PARTITION BY toYear(Day)
ORDER BY (toStartOfMonth(Day), Slo, Revision, Day, Region, AvailabilityZone, Cluster, Node, Pod, Container, Process, Component, Service, Environment)
TTL Day + INTERVAL 5 YEAR
SETTINGS ttl_only_drop_parts = 1;

CREATE TABLE sli_day ON CLUSTER `all` AS sli_day_local
ENGINE = Distributed('all', 'ninefold', 'sli_day_local', cityHash64(toStartOfMonth(Day), Slo, Revision, Day, Region, AvailabilityZone, Cluster, Node, Pod, Container, Process, Component, Service, Environment));

CREATE TABLE slo_day_local ON CLUSTER `all` (
  Slo LowCardinality(String),
  Revision LowCardinality(String),
  Day DateTime('UTC') CODEC(Delta, ZSTD(1)),
  Good UInt64 CODEC(T64, ZSTD(1)),
  Valid UInt64 CODEC(T64, ZSTD(1)),
  Version UInt64 CODEC(Delta, ZSTD(1))
) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/ninefold/slo_day_local', '{replica}', Version)
PARTITION BY toYear(Day)
ORDER BY (Day, Slo, Revision)
TTL Day + INTERVAL 5 YEAR
SETTINGS ttl_only_drop_parts = 1;

CREATE TABLE slo_day ON CLUSTER `all` AS slo_day_local
ENGINE = Distributed('all', 'ninefold', 'slo_day_local', cityHash64(Day, Slo, Revision));
