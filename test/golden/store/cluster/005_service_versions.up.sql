CREATE TABLE service_versions_local ON CLUSTER `all` (
  Service LowCardinality(String),
  ServiceVersion String,
  FirstSeen SimpleAggregateFunction(min, DateTime64(3, 'UTC')),
  LastSeen SimpleAggregateFunction(max, DateTime64(3, 'UTC'))
) ENGINE = ReplicatedAggregatingMergeTree('/clickhouse/tables/{shard}/ninefold/service_versions_local', '{replica}')
ORDER BY (Service, ServiceVersion);

CREATE TABLE service_versions ON CLUSTER `all` AS service_versions_local
ENGINE = Distributed('all', 'ninefold', 'service_versions_local', cityHash64(Service, ServiceVersion));
