INSERT INTO otel_logs (Timestamp, TraceId, SpanId, TraceFlags, SeverityText, SeverityNumber, ServiceName, Body,
  ResourceSchemaUrl, ResourceAttributes, ScopeSchemaUrl, ScopeName, ScopeVersion, ScopeAttributes, LogAttributes, EventName,
  Region, AvailabilityZone, Cluster, Node, Pod, Container, Process, Environment, Component, Synthetic)
SELECT
  fromUnixTimestamp64Nano(toInt64(if(r.time_unix_nano = 0, r.observed_time_unix_nano, r.time_unix_nano)), 'UTC'),
  lower(hex(r.trace_id)), lower(hex(r.span_id)), toUInt8(bitAnd(r.flags, 255)), r.severity_text,
  toUInt8(bitAnd(r.severity_number, 255)), ServiceName, multiIf(r.body.value = 'string_value', r.body.string_value, r.body.value = 'int_value', toString(r.body.int_value), r.body.value = 'bool_value', if(r.body.bool_value, 'true', 'false'), r.body.value = 'double_value', toString(r.body.double_value), ''),
  ResourceSchemaUrl, ResourceAttributes, ScopeSchemaUrl, ScopeName, ScopeVersion, ScopeAttributes, LogAttributes, r.event_name,
  Region, AvailabilityZone, Cluster, Node, Pod, Container, Process, Environment, multiIf(LogAttributes['db.system.name'] != '', LogAttributes['db.system.name'], LogAttributes['messaging.system'] != '', LogAttributes['messaging.system'], LogAttributes['peer.service']),
  LogAttributes['synthetic'] = 'true' OR FromSynthetic
FROM (
  SELECT ServiceName, ResourceAttributes, Region, AvailabilityZone, Cluster, Node, Pod, Container, Process, Environment, FromSynthetic, ResourceSchemaUrl, ScopeName, ScopeVersion, ScopeAttributes, ScopeSchemaUrl, r, CAST((r.attributes.key, arrayMap(v -> multiIf(v.value = 'string_value', v.string_value, v.value = 'int_value', toString(v.int_value), v.value = 'bool_value', if(v.bool_value, 'true', 'false'), v.value = 'double_value', toString(v.double_value), ''), r.attributes.value)), 'Map(LowCardinality(String), String)') AS LogAttributes
  FROM (
    SELECT ServiceName, ResourceAttributes, Region, AvailabilityZone, Cluster, Node, Pod, Container, Process, Environment, FromSynthetic, ResourceSchemaUrl, ScopeName, ScopeVersion, ScopeAttributes, ScopeSchemaUrl, arrayJoin(sl.log_records) AS r
    FROM (
      SELECT ServiceName, ResourceAttributes, Region, AvailabilityZone, Cluster, Node, Pod, Container, Process, Environment, FromSynthetic, ResourceSchemaUrl, sl.scope.name AS ScopeName, sl.scope.version AS ScopeVersion,
        CAST((sl.scope.attributes.key, arrayMap(v -> multiIf(v.value = 'string_value', v.string_value, v.value = 'int_value', toString(v.int_value), v.value = 'bool_value', if(v.bool_value, 'true', 'false'), v.value = 'double_value', toString(v.double_value), ''), sl.scope.attributes.value)), 'Map(LowCardinality(String), String)') AS ScopeAttributes, sl.schema_url AS ScopeSchemaUrl, sl
      FROM (
        SELECT ServiceName, ResourceAttributes, Region, AvailabilityZone, Cluster, Node, Pod, Container, Process, Environment, FromSynthetic, ResourceSchemaUrl, arrayJoin(rl.scope_logs) AS sl
        FROM (
          SELECT rl, rl.schema_url AS ResourceSchemaUrl, ResourceAttributes, ResourceAttributes['service.name'] AS ServiceName,
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
            SELECT rl, CAST((rl.resource.attributes.key, arrayMap(v -> multiIf(v.value = 'string_value', v.string_value, v.value = 'int_value', toString(v.int_value), v.value = 'bool_value', if(v.bool_value, 'true', 'false'), v.value = 'double_value', toString(v.double_value), ''), rl.resource.attributes.value)), 'Map(LowCardinality(String), String)') AS ResourceAttributes
            FROM (SELECT arrayJoin(payload.resource_logs) AS rl FROM {source})
          )
        )
      )
    )
  )
)

-- structure of {source}, messages of type LogRecordEnvelope:
-- record_offset UInt64, received_at UInt64, payload Tuple(resource_logs Array(Tuple(resource Tuple(attributes Array(Tuple(key String, value Tuple(string_value String, bool_value Bool, int_value Int64, double_value Float64, value Enum8('no' = 0, 'string_value' = 1, 'bool_value' = 2, 'int_value' = 3, 'double_value' = 4, 'array_value' = 5, 'kvlist_value' = 6, 'bytes_value' = 7))))), schema_url String, scope_logs Array(Tuple(scope Tuple(name String, version String, attributes Array(Tuple(key String, value Tuple(string_value String, bool_value Bool, int_value Int64, double_value Float64, value Enum8('no' = 0, 'string_value' = 1, 'bool_value' = 2, 'int_value' = 3, 'double_value' = 4, 'array_value' = 5, 'kvlist_value' = 6, 'bytes_value' = 7)))), dropped_attributes_count UInt32), schema_url String, log_records Array(Tuple(time_unix_nano UInt64, severity_number Int32, severity_text String, body Tuple(string_value String, bool_value Bool, int_value Int64, double_value Float64, value Enum8('no' = 0, 'string_value' = 1, 'bool_value' = 2, 'int_value' = 3, 'double_value' = 4, 'array_value' = 5, 'kvlist_value' = 6, 'bytes_value' = 7)), attributes Array(Tuple(key String, value Tuple(string_value String, bool_value Bool, int_value Int64, double_value Float64, value Enum8('no' = 0, 'string_value' = 1, 'bool_value' = 2, 'int_value' = 3, 'double_value' = 4, 'array_value' = 5, 'kvlist_value' = 6, 'bytes_value' = 7)))), flags UInt32, trace_id String, span_id String, observed_time_unix_nano UInt64, event_name String)))))))
