INSERT INTO otel_traces (Timestamp, TraceId, SpanId, ParentSpanId, TraceState, SpanName, SpanKind, ServiceName, ResourceAttributes,
  ScopeName, ScopeVersion, SpanAttributes, Duration, StatusCode, StatusMessage,
  Events.Timestamp, Events.Name, Events.Attributes, Links.TraceId, Links.SpanId, Links.TraceState, Links.Attributes,
  Region, AvailabilityZone, Cluster, Node, Pod, Container, Process, Environment, Component, Synthetic)
SELECT
  fromUnixTimestamp64Nano(toInt64(s.start_time_unix_nano), 'UTC'),
  lower(hex(s.trace_id)), lower(hex(s.span_id)), lower(hex(s.parent_span_id)), s.trace_state, s.name,
  transform(s.kind, [1, 2, 3, 4, 5], ['Internal', 'Server', 'Client', 'Producer', 'Consumer'], 'Unspecified'),
  ServiceName, ResourceAttributes, ScopeName, ScopeVersion, SpanAttributes,
  if(s.end_time_unix_nano > s.start_time_unix_nano, s.end_time_unix_nano - s.start_time_unix_nano, 0),
  transform(s.status.code, [1, 2], ['Ok', 'Error'], 'Unset'), s.status.message,
  arrayMap(e -> fromUnixTimestamp64Nano(toInt64(e.time_unix_nano), 'UTC'), s.events), s.events.name,
  arrayMap(e -> CAST((e.attributes.key, arrayMap(v -> multiIf(v.value = 'string_value', v.string_value, v.value = 'int_value', toString(v.int_value), v.value = 'bool_value', if(v.bool_value, 'true', 'false'), v.value = 'double_value', toString(v.double_value), ''), e.attributes.value)), 'Map(LowCardinality(String), String)'), s.events),
  arrayMap(l -> lower(hex(l.trace_id)), s.links), arrayMap(l -> lower(hex(l.span_id)), s.links), s.links.trace_state,
  arrayMap(l -> CAST((l.attributes.key, arrayMap(v -> multiIf(v.value = 'string_value', v.string_value, v.value = 'int_value', toString(v.int_value), v.value = 'bool_value', if(v.bool_value, 'true', 'false'), v.value = 'double_value', toString(v.double_value), ''), l.attributes.value)), 'Map(LowCardinality(String), String)'), s.links),
  Region, AvailabilityZone, Cluster, Node, Pod, Container, Process, Environment, multiIf(SpanAttributes['db.system.name'] != '', SpanAttributes['db.system.name'], SpanAttributes['messaging.system'] != '', SpanAttributes['messaging.system'], SpanAttributes['peer.service']),
  SpanAttributes['synthetic'] = 'true' OR FromSynthetic
FROM (
  SELECT ServiceName, ResourceAttributes, Region, AvailabilityZone, Cluster, Node, Pod, Container, Process, Environment, FromSynthetic, ScopeName, ScopeVersion, s, CAST((s.attributes.key, arrayMap(v -> multiIf(v.value = 'string_value', v.string_value, v.value = 'int_value', toString(v.int_value), v.value = 'bool_value', if(v.bool_value, 'true', 'false'), v.value = 'double_value', toString(v.double_value), ''), s.attributes.value)), 'Map(LowCardinality(String), String)') AS SpanAttributes
  FROM (
    SELECT ServiceName, ResourceAttributes, Region, AvailabilityZone, Cluster, Node, Pod, Container, Process, Environment, FromSynthetic, ss.scope.name AS ScopeName, ss.scope.version AS ScopeVersion, arrayJoin(ss.spans) AS s
    FROM (
      SELECT ServiceName, ResourceAttributes, Region, AvailabilityZone, Cluster, Node, Pod, Container, Process, Environment, FromSynthetic, arrayJoin(rs.scope_spans) AS ss
      FROM (
        SELECT rs, ResourceAttributes, ResourceAttributes['service.name'] AS ServiceName,
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
          SELECT rs, CAST((rs.resource.attributes.key, arrayMap(v -> multiIf(v.value = 'string_value', v.string_value, v.value = 'int_value', toString(v.int_value), v.value = 'bool_value', if(v.bool_value, 'true', 'false'), v.value = 'double_value', toString(v.double_value), ''), rs.resource.attributes.value)), 'Map(LowCardinality(String), String)') AS ResourceAttributes
          FROM (SELECT arrayJoin(payload.resource_spans) AS rs FROM {source})
        )
      )
    )
  )
)

-- structure of {source}, messages of type TraceRecord:
-- record_offset UInt64, received_at UInt64, payload Tuple(resource_spans Array(Tuple(resource Tuple(attributes Array(Tuple(key String, value Tuple(string_value String, bool_value Bool, int_value Int64, double_value Float64, value Enum8('no' = 0, 'string_value' = 1, 'bool_value' = 2, 'int_value' = 3, 'double_value' = 4, 'array_value' = 5, 'kvlist_value' = 6, 'bytes_value' = 7))))), scope_spans Array(Tuple(scope Tuple(name String, version String, attributes Array(Tuple(key String, value Tuple(string_value String, bool_value Bool, int_value Int64, double_value Float64, value Enum8('no' = 0, 'string_value' = 1, 'bool_value' = 2, 'int_value' = 3, 'double_value' = 4, 'array_value' = 5, 'kvlist_value' = 6, 'bytes_value' = 7)))), dropped_attributes_count UInt32), spans Array(Tuple(trace_id String, span_id String, trace_state String, parent_span_id String, name String, kind Int32, start_time_unix_nano UInt64, end_time_unix_nano UInt64, attributes Array(Tuple(key String, value Tuple(string_value String, bool_value Bool, int_value Int64, double_value Float64, value Enum8('no' = 0, 'string_value' = 1, 'bool_value' = 2, 'int_value' = 3, 'double_value' = 4, 'array_value' = 5, 'kvlist_value' = 6, 'bytes_value' = 7)))), events Array(Tuple(time_unix_nano UInt64, name String, attributes Array(Tuple(key String, value Tuple(string_value String, bool_value Bool, int_value Int64, double_value Float64, value Enum8('no' = 0, 'string_value' = 1, 'bool_value' = 2, 'int_value' = 3, 'double_value' = 4, 'array_value' = 5, 'kvlist_value' = 6, 'bytes_value' = 7)))))), links Array(Tuple(trace_id String, span_id String, trace_state String, attributes Array(Tuple(key String, value Tuple(string_value String, bool_value Bool, int_value Int64, double_value Float64, value Enum8('no' = 0, 'string_value' = 1, 'bool_value' = 2, 'int_value' = 3, 'double_value' = 4, 'array_value' = 5, 'kvlist_value' = 6, 'bytes_value' = 7)))))), status Tuple(message String, code Int32))))))))
