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
  valueText,
} from './payload-expressions.ts'
import { anyValue, batchStructure, keyValues, recordSchema, resource, scope } from './payload-structure.ts'

const logRecord = `Tuple(time_unix_nano UInt64, severity_number Int32, severity_text String, body ${anyValue}, attributes ${keyValues}, flags UInt32, trace_id String, span_id String, observed_time_unix_nano UInt64, event_name String)`

const structure = batchStructure(
  'resource_logs',
  `Tuple(resource ${resource}, schema_url String, scope_logs Array(Tuple(scope ${scope}, schema_url String, log_records Array(${logRecord}))))`,
)

const passedOn = [...passedOnColumns, 'ResourceSchemaUrl'].join(', ')
const scopeColumns = ['ScopeName', 'ScopeVersion', 'ScopeAttributes', 'ScopeSchemaUrl'].join(', ')

/** Log records of staged payloads as rows of otel_logs; a record without a time of its own has the time it was observed at. */
export function otelLogsInsert(sources: LayerSources): PayloadInsert {
  const into = `INSERT INTO otel_logs (Timestamp, TraceId, SpanId, TraceFlags, SeverityText, SeverityNumber, ServiceName, Body,
  ResourceSchemaUrl, ResourceAttributes, ScopeSchemaUrl, ScopeName, ScopeVersion, ScopeAttributes, LogAttributes, EventName,
  ${resourceLayerColumns.join(', ')}, Component, Synthetic)`
  const select = `SELECT
  ${nanosecondTimestamp('if(r.time_unix_nano = 0, r.observed_time_unix_nano, r.time_unix_nano)')},
  ${hexId('r.trace_id')}, ${hexId('r.span_id')}, toUInt8(bitAnd(r.flags, 255)), r.severity_text,
  toUInt8(bitAnd(r.severity_number, 255)), ServiceName, ${valueText('r.body')},
  ResourceSchemaUrl, ResourceAttributes, ScopeSchemaUrl, ScopeName, ScopeVersion, ScopeAttributes, LogAttributes, r.event_name,
  ${resourceLayerColumns.join(', ')}, ${firstAttribute('LogAttributes', sources.Component)},
  ${isSynthetic('LogAttributes')}
FROM (
  SELECT ${passedOn}, ${scopeColumns}, r, ${attributeMap('r.attributes')} AS LogAttributes
  FROM (
    SELECT ${passedOn}, ${scopeColumns}, arrayJoin(sl.log_records) AS r
    FROM (
      SELECT ${passedOn}, sl.scope.name AS ScopeName, sl.scope.version AS ScopeVersion,
        ${attributeMap('sl.scope.attributes')} AS ScopeAttributes, sl.schema_url AS ScopeSchemaUrl, sl
      FROM (
        SELECT ${passedOn}, arrayJoin(rl.scope_logs) AS sl
        FROM (
          SELECT rl, rl.schema_url AS ResourceSchemaUrl, ResourceAttributes, ${resourceColumns(sources)}
          FROM (
            SELECT rl, ${attributeMap('rl.resource.attributes')} AS ResourceAttributes
            FROM (SELECT arrayJoin(payload.resource_logs) AS rl FROM {source})
          )
        )
      )
    )
  )
)`
  return {
    name: 'log records into otel_logs',
    table: 'otel_logs',
    into,
    select,
    structure,
    messageName: 'LogRecordEnvelope',
    protobufSchema: recordSchema,
  }
}
