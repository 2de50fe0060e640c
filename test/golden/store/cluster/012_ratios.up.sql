CREATE TABLE ratio_minute_local ON CLUSTER `all` (
  Ratio LowCardinality(String),
  Revision LowCardinality(String),
  Side LowCardinality(String),
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
  Events UInt64 CODEC(T64, ZSTD(1)),
  Numbers UInt64 CODEC(T64, ZSTD(1)),
  Total Decimal(76, 18) CODEC(ZSTD(1)),
  Least Nullable(Decimal(76, 18)) CODEC(ZSTD(1)),
  Most Nullable(Decimal(76, 18)) CODEC(ZSTD(1)),
  Distinct AggregateFunction(uniqCombined64(20), String) CODEC(ZSTD(1)),
  Sketch AggregateFunction(quantileDD(0.005, 0.5), Float64) CODEC(ZSTD(1)),
  Version UInt64 CODEC(Delta, ZSTD(1))
) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/ninefold/ratio_minute_local', '{replica}', Version)
PARTITION BY toDate(Minute)
ORDER BY (toStartOfHour(Minute), Ratio, Revision, Side, Minute, Region, AvailabilityZone, Cluster, Node, Pod, Container, Process, Component, Service, Environment)
TTL Minute + INTERVAL 100 DAY
SETTINGS ttl_only_drop_parts = 1;

CREATE TABLE ratio_minute ON CLUSTER `all` AS ratio_minute_local
ENGINE = Distributed('all', 'ninefold', 'ratio_minute_local', cityHash64(toStartOfHour(Minute), Ratio, Revision, Side, Minute, Region, AvailabilityZone, Cluster, Node, Pod, Container, Process, Component, Service, Environment));

CREATE TABLE ratio_hour_local ON CLUSTER `all` (
  Ratio LowCardinality(String),
  Revision LowCardinality(String),
  Side LowCardinality(String),
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
  Events UInt64 CODEC(T64, ZSTD(1)),
  Numbers UInt64 CODEC(T64, ZSTD(1)),
  Total Decimal(76, 18) CODEC(ZSTD(1)),
  Least Nullable(Decimal(76, 18)) CODEC(ZSTD(1)),
  Most Nullable(Decimal(76, 18)) CODEC(ZSTD(1)),
  Distinct AggregateFunction(uniqCombined64(20), String) CODEC(ZSTD(1)),
  Sketch AggregateFunction(quantileDD(0.005, 0.5), Float64) CODEC(ZSTD(1)),
  Version UInt64 CODEC(Delta, ZSTD(1))
) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/ninefold/ratio_hour_local', '{replica}', Version)
PARTITION BY toYYYYMM(Hour)
ORDER BY (toStartOfDay(Hour), Ratio, Revision, Side, Hour, Region, AvailabilityZone, Cluster, Node, Pod, Container, Process, Component, Service, Environment)
TTL Hour + INTERVAL 400 DAY
SETTINGS ttl_only_drop_parts = 1;

CREATE TABLE ratio_hour ON CLUSTER `all` AS ratio_hour_local
ENGINE = Distributed('all', 'ninefold', 'ratio_hour_local', cityHash64(toStartOfDay(Hour), Ratio, Revision, Side, Hour, Region, AvailabilityZone, Cluster, Node, Pod, Container, Process, Component, Service, Environment));

CREATE TABLE ratio_day_local ON CLUSTER `all` (
  Ratio LowCardinality(String),
  Revision LowCardinality(String),
  Side LowCardinality(String),
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
  Events UInt64 CODEC(T64, ZSTD(1)),
  Numbers UInt64 CODEC(T64, ZSTD(1)),
  Total Decimal(76, 18) CODEC(ZSTD(1)),
  Least Nullable(Decimal(76, 18)) CODEC(ZSTD(1)),
  Most Nullable(Decimal(76, 18)) CODEC(ZSTD(1)),
  Distinct AggregateFunction(uniqCombined64(20), String) CODEC(ZSTD(1)),
  Sketch AggregateFunction(quantileDD(0.005, 0.5), Float64) CODEC(ZSTD(1)),
  Version UInt64 CODEC(Delta, ZSTD(1))
) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/ninefold/ratio_day_local', '{replica}', Version)
PARTITION BY toYear(Day)
ORDER BY (toStartOfMonth(Day), Ratio, Revision, Side, Day, Region, AvailabilityZone, Cluster, Node, Pod, Container, Process, Component, Service, Environment)
TTL Day + INTERVAL 5 YEAR
SETTINGS ttl_only_drop_parts = 1;

CREATE TABLE ratio_day ON CLUSTER `all` AS ratio_day_local
ENGINE = Distributed('all', 'ninefold', 'ratio_day_local', cityHash64(toStartOfMonth(Day), Ratio, Revision, Side, Day, Region, AvailabilityZone, Cluster, Node, Pod, Container, Process, Component, Service, Environment));

CREATE TABLE ratio_revisions_local ON CLUSTER `all` (
  Ratio LowCardinality(String),
  Revision String,
  Document String CODEC(ZSTD(3)),
  SpecSetRevision String,
  FirstSeenAt DateTime64(3, 'UTC'),
  HistoryFrom DateTime('UTC'),
  HistoryDone UInt8,
  Version UInt64
) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/ninefold/ratio_revisions_local', '{replica}', Version)
ORDER BY (Ratio, Revision)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE ratio_revisions ON CLUSTER `all` AS ratio_revisions_local
ENGINE = Distributed('all', 'ninefold', 'ratio_revisions_local', cityHash64(Ratio, Revision));
