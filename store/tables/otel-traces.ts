import type { PayloadInsert } from '../client/store.ts'
import {
  attributeMap,
  firstAttribute,
  hexId,
  isSynthetic,
  type LayerSources,
  nanosecondTimestamp,
  passedOnColumns,
  resourceColumns,
  resourceLayerColumns,
} from './payload-expressions.ts'
import { batchStructure, keyValues, recordSchema, resource, scope } from './payload-structure.ts'

const span = `Tuple(trace_id String, span_id String, trace_state String, parent_span_id String, name String, kind Int32, start_time_unix_nano UInt64, end_time_unix_nano UInt64, attributes ${keyValues}, events Array(Tuple(time_unix_nano UInt64, name String, attributes ${keyValues})), links Array(Tuple(trace_id String, span_id String, trace_state String, attributes ${keyValues})), status Tuple(message String, code Int32))`

const structure = batchStructure(
  'resource_spans',
  `Tuple(resource ${resource}, scope_spans Array(Tuple(scope ${scope}, spans Array(${span}))))`,
)

const passedOn = passedOnColumns.join(', ')

/** Spans of staged payloads as rows of otel_traces, in one statement: resources are worked out before their spans are multiplied. */
export function otelTracesInsert(sources: LayerSources): PayloadInsert {
  const into = `INSERT INTO otel_traces (Timestamp, TraceId, SpanId, ParentSpanId, TraceState, SpanName, SpanKind, ServiceName, ResourceAttributes,
  ScopeName, ScopeVersion, SpanAttributes, Duration, StatusCode, StatusMessage,
  Events.Timestamp, Events.Name, Events.Attributes, Links.TraceId, Links.SpanId, Links.TraceState, Links.Attributes,
  ${resourceLayerColumns.join(', ')}, Component, Synthetic)`
  const select = `SELECT
  ${nanosecondTimestamp('s.start_time_unix_nano')},
  ${hexId('s.trace_id')}, ${hexId('s.span_id')}, ${hexId('s.parent_span_id')}, s.trace_state, s.name,
  transform(s.kind, [1, 2, 3, 4, 5], ['Internal', 'Server', 'Client', 'Producer', 'Consumer'], 'Unspecified'),
  ServiceName, ResourceAttributes, ScopeName, ScopeVersion, SpanAttributes,
  if(s.end_time_unix_nano > s.start_time_unix_nano, s.end_time_unix_nano - s.start_time_unix_nano, 0),
  transform(s.status.code, [1, 2], ['Ok', 'Error'], 'Unset'), s.status.message,
  arrayMap(e -> ${nanosecondTimestamp('e.time_unix_nano')}, s.events), s.events.name,
  arrayMap(e -> ${attributeMap('e.attributes')}, s.events),
  arrayMap(l -> ${hexId('l.trace_id')}, s.links), arrayMap(l -> ${hexId('l.span_id')}, s.links), s.links.trace_state,
  arrayMap(l -> ${attributeMap('l.attributes')}, s.links),
  ${resourceLayerColumns.join(', ')}, ${firstAttribute('SpanAttributes', sources.Component)},
  ${isSynthetic('SpanAttributes')}
FROM (
  SELECT ${passedOn}, ScopeName, ScopeVersion, s, ${attributeMap('s.attributes')} AS SpanAttributes
  FROM (
    SELECT ${passedOn}, ss.scope.name AS ScopeName, ss.scope.version AS ScopeVersion, arrayJoin(ss.spans) AS s
    FROM (
      SELECT ${passedOn}, arrayJoin(rs.scope_spans) AS ss
      FROM (
        SELECT rs, ResourceAttributes, ${resourceColumns(sources)}
        FROM (
          SELECT rs, ${attributeMap('rs.resource.attributes')} AS ResourceAttributes
          FROM (SELECT arrayJoin(payload.resource_spans) AS rs FROM {source})
        )
      )
    )
  )
)`
  return {
    name: 'spans into otel_traces',
    table: 'otel_traces',
    into,
    select,
    structure,
    messageName: 'TraceRecord',
    protobufSchema: recordSchema,
  }
}
