-- Sides of ratios, one row a revision, side, step and layer tuple; versioned and replaced as sli_<step> are. No quotient is kept and nothing
-- is averaged: Events counts, Total (decimals: the same in any order) sums, Distinct and Sketch are states that are merged, so that an
-- hour is what its raw events are. Numbers counts the events that had a number; Least and Most are NULL where none had.
--
-- Distinct is exact up to 32,768 texts and at most 768 KiB; Sketch answers for quantiles of any level within 0.5 %, its size bounded by
-- the range of the values (docs/decisions/0010).

CREATE TABLE ratio_minute (
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
) ENGINE = ReplacingMergeTree(Version)
PARTITION BY toDate(Minute)
ORDER BY (toStartOfHour(Minute), Ratio, Revision, Side, Minute, Region, AvailabilityZone, Cluster, Node, Pod, Container, Process, Component, Service, Environment)
TTL Minute + INTERVAL 100 DAY
SETTINGS ttl_only_drop_parts = 1;

CREATE TABLE ratio_hour (
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
) ENGINE = ReplacingMergeTree(Version)
PARTITION BY toYYYYMM(Hour)
ORDER BY (toStartOfDay(Hour), Ratio, Revision, Side, Hour, Region, AvailabilityZone, Cluster, Node, Pod, Container, Process, Component, Service, Environment)
TTL Hour + INTERVAL 400 DAY
SETTINGS ttl_only_drop_parts = 1;

CREATE TABLE ratio_day (
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
) ENGINE = ReplacingMergeTree(Version)
PARTITION BY toYear(Day)
ORDER BY (toStartOfMonth(Day), Ratio, Revision, Side, Day, Region, AvailabilityZone, Cluster, Node, Pod, Container, Process, Component, Service, Environment)
TTL Day + INTERVAL 5 YEAR
SETTINGS ttl_only_drop_parts = 1;

-- Every revision of every ratio that was ever worked out, as spec_revisions is of SLOs.
CREATE TABLE ratio_revisions (
  Ratio LowCardinality(String),
  Revision String,
  Document String CODEC(ZSTD(3)),
  SpecSetRevision String,
  FirstSeenAt DateTime64(3, 'UTC'),
  HistoryFrom DateTime('UTC'),
  HistoryDone UInt8,
  Version UInt64
) ENGINE = ReplacingMergeTree(Version)
ORDER BY (Ratio, Revision)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
