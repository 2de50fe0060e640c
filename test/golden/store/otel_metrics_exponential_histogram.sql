INSERT INTO otel_metrics_exponential_histogram (ServiceName, ResourceAttributes, ResourceSchemaUrl, Region, AvailabilityZone, Cluster, Node, Pod, Container, Process, Environment, ScopeName, ScopeVersion, ScopeAttributes, ScopeDroppedAttrCount, ScopeSchemaUrl,
  MetricName, MetricDescription, MetricUnit, Attributes, StartTimeUnix, TimeUnix, Count, Sum, Scale, ZeroCount, PositiveOffset, PositiveBucketCounts, NegativeOffset, NegativeBucketCounts, Exemplars.FilteredAttributes, Exemplars.TimeUnix, Exemplars.Value, Exemplars.SpanId, Exemplars.TraceId, Flags, Min, Max, AggregationTemporality,
  Component, Synthetic)
SELECT ServiceName, ResourceAttributes, ResourceSchemaUrl, Region, AvailabilityZone, Cluster, Node, Pod, Container, Process, Environment, ScopeName, ScopeVersion, ScopeAttributes, ScopeDroppedAttrCount, ScopeSchemaUrl,
  MetricName, MetricDescription, MetricUnit, Attributes, toDateTime(intDiv(p.start_time_unix_nano, 1000000000), 'UTC'), toDateTime(intDiv(p.time_unix_nano, 1000000000), 'UTC'),
  p.count,
  p.sum,
  p.scale,
  p.zero_count,
  p.positive.offset,
  p.positive.bucket_counts,
  p.negative.offset,
  p.negative.bucket_counts,
  arrayMap(x -> CAST((x.filtered_attributes.key, arrayMap(v -> multiIf(v.value = 'string_value', v.string_value, v.value = 'int_value', toString(v.int_value), v.value = 'bool_value', if(v.bool_value, 'true', 'false'), v.value = 'double_value', toString(v.double_value), ''), x.filtered_attributes.value)), 'Map(LowCardinality(String), String)'), p.exemplars),
  arrayMap(x -> toDateTime(intDiv(x.time_unix_nano, 1000000000), 'UTC'), p.exemplars),
  arrayMap(x -> if(x.value = 'as_int', toFloat64(x.as_int), x.as_double), p.exemplars),
  arrayMap(x -> lower(hex(x.span_id)), p.exemplars),
  arrayMap(x -> lower(hex(x.trace_id)), p.exemplars),
  p.flags,
  p.min,
  p.max,
  k.aggregation_temporality,
  multiIf(Attributes['db.system.name'] != '', Attributes['db.system.name'], Attributes['messaging.system'] != '', Attributes['messaging.system'], Attributes['peer.service']), Attributes['synthetic'] = 'true' OR FromSynthetic
FROM (
  SELECT ServiceName, ResourceAttributes, Region, AvailabilityZone, Cluster, Node, Pod, Container, Process, Environment, FromSynthetic, ResourceSchemaUrl, ScopeName, ScopeVersion, ScopeAttributes, ScopeDroppedAttrCount, ScopeSchemaUrl, MetricName, MetricDescription, MetricUnit, k, p, CAST((p.attributes.key, arrayMap(v -> multiIf(v.value = 'string_value', v.string_value, v.value = 'int_value', toString(v.int_value), v.value = 'bool_value', if(v.bool_value, 'true', 'false'), v.value = 'double_value', toString(v.double_value), ''), p.attributes.value)), 'Map(LowCardinality(String), String)') AS Attributes
  FROM (
    SELECT ServiceName, ResourceAttributes, Region, AvailabilityZone, Cluster, Node, Pod, Container, Process, Environment, FromSynthetic, ResourceSchemaUrl, ScopeName, ScopeVersion, ScopeAttributes, ScopeDroppedAttrCount, ScopeSchemaUrl, m.name AS MetricName, m.description AS MetricDescription, m.unit AS MetricUnit, m.exponential_histogram AS k,
      arrayJoin(m.exponential_histogram.data_points) AS p
    FROM (
      SELECT ServiceName, ResourceAttributes, Region, AvailabilityZone, Cluster, Node, Pod, Container, Process, Environment, FromSynthetic, ResourceSchemaUrl, ScopeName, ScopeVersion, ScopeAttributes, ScopeDroppedAttrCount, ScopeSchemaUrl, arrayJoin(sm.metrics) AS m
      FROM (
        SELECT ServiceName, ResourceAttributes, Region, AvailabilityZone, Cluster, Node, Pod, Container, Process, Environment, FromSynthetic, ResourceSchemaUrl, sm, sm.scope.name AS ScopeName, sm.scope.version AS ScopeVersion,
          CAST((sm.scope.attributes.key, arrayMap(v -> multiIf(v.value = 'string_value', v.string_value, v.value = 'int_value', toString(v.int_value), v.value = 'bool_value', if(v.bool_value, 'true', 'false'), v.value = 'double_value', toString(v.double_value), ''), sm.scope.attributes.value)), 'Map(LowCardinality(String), String)') AS ScopeAttributes, sm.scope.dropped_attributes_count AS ScopeDroppedAttrCount,
          sm.schema_url AS ScopeSchemaUrl
        FROM (
          SELECT ServiceName, ResourceAttributes, Region, AvailabilityZone, Cluster, Node, Pod, Container, Process, Environment, FromSynthetic, ResourceSchemaUrl, arrayJoin(rm.scope_metrics) AS sm
          FROM (
            SELECT rm, rm.schema_url AS ResourceSchemaUrl, ResourceAttributes, ResourceAttributes['service.name'] AS ServiceName,
          ResourceAttributes['cloud.region'] AS Region,
          ResourceAttributes['cloud.availability_zone'] AS AvailabilityZone,
          ResourceAttributes['k8s.cluster.name'] AS Cluster,
          multiIf(ResourceAttributes['k8s.node.name'] != '', ResourceAttributes['k8s.node.name'], ResourceAttributes['host.name']) AS Node,
          ResourceAttributes['k8s.pod.name'] AS Pod,
          ResourceAttributes['k8s.container.name'] AS Container,
          ResourceAttributes['process.executable.name'] AS Process,
          ResourceAttributes['deployment.environment.name'] AS Environment,
          ResourceAttributes['synthetic'] = 'true' AS FromSynthetic
            FROM (
              SELECT rm, CAST((rm.resource.attributes.key, arrayMap(v -> multiIf(v.value = 'string_value', v.string_value, v.value = 'int_value', toString(v.int_value), v.value = 'bool_value', if(v.bool_value, 'true', 'false'), v.value = 'double_value', toString(v.double_value), ''), rm.resource.attributes.value)), 'Map(LowCardinality(String), String)') AS ResourceAttributes
              FROM (SELECT arrayJoin(payload.resource_metrics) AS rm FROM {source})
            )
          )
        )
      )
    )
  )
)

-- structure of {source}, messages of type MetricRecord:
-- record_offset UInt64, received_at UInt64, payload Tuple(resource_metrics Array(Tuple(resource Tuple(attributes Array(Tuple(key String, value Tuple(string_value String, bool_value Bool, int_value Int64, double_value Float64, value Enum8('no' = 0, 'string_value' = 1, 'bool_value' = 2, 'int_value' = 3, 'double_value' = 4, 'array_value' = 5, 'kvlist_value' = 6, 'bytes_value' = 7))))), schema_url String, scope_metrics Array(Tuple(scope Tuple(name String, version String, attributes Array(Tuple(key String, value Tuple(string_value String, bool_value Bool, int_value Int64, double_value Float64, value Enum8('no' = 0, 'string_value' = 1, 'bool_value' = 2, 'int_value' = 3, 'double_value' = 4, 'array_value' = 5, 'kvlist_value' = 6, 'bytes_value' = 7)))), dropped_attributes_count UInt32), schema_url String, metrics Array(Tuple(name String, description String, unit String, exponential_histogram Tuple(data_points Array(Tuple(attributes Array(Tuple(key String, value Tuple(string_value String, bool_value Bool, int_value Int64, double_value Float64, value Enum8('no' = 0, 'string_value' = 1, 'bool_value' = 2, 'int_value' = 3, 'double_value' = 4, 'array_value' = 5, 'kvlist_value' = 6, 'bytes_value' = 7)))), start_time_unix_nano UInt64, time_unix_nano UInt64, count UInt64, sum Float64, scale Int32, zero_count UInt64, positive Tuple(offset Int32, bucket_counts Array(UInt64)), negative Tuple(offset Int32, bucket_counts Array(UInt64)), flags UInt32, exemplars Array(Tuple(time_unix_nano UInt64, as_double Float64, as_int Int64, value Enum8('no' = 0, 'as_double' = 3, 'as_int' = 6), span_id String, trace_id String, filtered_attributes Array(Tuple(key String, value Tuple(string_value String, bool_value Bool, int_value Int64, double_value Float64, value Enum8('no' = 0, 'string_value' = 1, 'bool_value' = 2, 'int_value' = 3, 'double_value' = 4, 'array_value' = 5, 'kvlist_value' = 6, 'bytes_value' = 7)))))), min Float64, max Float64)), aggregation_temporality Int32))))))))
