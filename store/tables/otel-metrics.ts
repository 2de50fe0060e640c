import type { PayloadInsert } from '../client/store.ts'
import {
  attributeMap,
  firstAttribute,
  hexId,
  isSynthetic,
  type LayerSources,
  passedOnColumns,
  resourceColumns,
  resourceLayerColumns,
} from './payload-expressions.ts'
import { batchStructure, keyValues, recordSchema, resource, scope } from './payload-structure.ts'

/** One kind of metric: its member of Metric's oneof, its data point, and the columns that only it has. */
interface MetricKind {
  readonly member: string
  readonly point: string
  /** Members beside data_points, e.g. the temporality. */
  readonly extras: string
  readonly columns: readonly (readonly [column: string, expression: string])[]
}

const numberPresence = `Enum8('no' = 0, 'as_double' = 4, 'as_int' = 6)`
const exemplarPresence = `Enum8('no' = 0, 'as_double' = 3, 'as_int' = 6)`
const exemplars = `exemplars Array(Tuple(time_unix_nano UInt64, as_double Float64, as_int Int64, value ${exemplarPresence}, span_id String, trace_id String, filtered_attributes ${keyValues}))`
const times = 'start_time_unix_nano UInt64, time_unix_nano UInt64'
const numberPoint = `Tuple(${times}, as_double Float64, as_int Int64, value ${numberPresence}, ${exemplars}, attributes ${keyValues}, flags UInt32)`

const numberValue = (from: string) => `if(${from}.value = 'as_int', toFloat64(${from}.as_int), ${from}.as_double)`
const seconds = (nanoseconds: string) => `toDateTime(intDiv(${nanoseconds}, 1000000000), 'UTC')`

const exemplarColumns: MetricKind['columns'] = [
  ['Exemplars.FilteredAttributes', `arrayMap(x -> ${attributeMap('x.filtered_attributes')}, p.exemplars)`],
  ['Exemplars.TimeUnix', `arrayMap(x -> ${seconds('x.time_unix_nano')}, p.exemplars)`],
  ['Exemplars.Value', `arrayMap(x -> ${numberValue('x')}, p.exemplars)`],
  ['Exemplars.SpanId', `arrayMap(x -> ${hexId('x.span_id')}, p.exemplars)`],
  ['Exemplars.TraceId', `arrayMap(x -> ${hexId('x.trace_id')}, p.exemplars)`],
]

const kinds = {
  gauge: {
    member: 'gauge',
    point: numberPoint,
    extras: '',
    columns: [['Value', numberValue('p')], ['Flags', 'p.flags'], ...exemplarColumns],
  },
  sum: {
    member: 'sum',
    point: numberPoint,
    extras: ', aggregation_temporality Int32, is_monotonic Bool',
    columns: [
      ['Value', numberValue('p')],
      ['Flags', 'p.flags'],
      ...exemplarColumns,
      ['AggregationTemporality', 'k.aggregation_temporality'],
      ['IsMonotonic', 'k.is_monotonic'],
    ],
  },
  histogram: {
    member: 'histogram',
    point: `Tuple(${times}, count UInt64, sum Float64, bucket_counts Array(UInt64), explicit_bounds Array(Float64), ${exemplars}, attributes ${keyValues}, flags UInt32, min Float64, max Float64)`,
    extras: ', aggregation_temporality Int32',
    columns: [
      ['Count', 'p.count'],
      ['Sum', 'p.sum'],
      ['BucketCounts', 'p.bucket_counts'],
      ['ExplicitBounds', 'p.explicit_bounds'],
      ...exemplarColumns,
      ['Flags', 'p.flags'],
      ['Min', 'p.min'],
      ['Max', 'p.max'],
      ['AggregationTemporality', 'k.aggregation_temporality'],
    ],
  },
  exponential_histogram: {
    member: 'exponential_histogram',
    point: `Tuple(attributes ${keyValues}, ${times}, count UInt64, sum Float64, scale Int32, zero_count UInt64, positive Tuple(offset Int32, bucket_counts Array(UInt64)), negative Tuple(offset Int32, bucket_counts Array(UInt64)), flags UInt32, ${exemplars}, min Float64, max Float64)`,
    extras: ', aggregation_temporality Int32',
    columns: [
      ['Count', 'p.count'],
      ['Sum', 'p.sum'],
      ['Scale', 'p.scale'],
      ['ZeroCount', 'p.zero_count'],
      ['PositiveOffset', 'p.positive.offset'],
      ['PositiveBucketCounts', 'p.positive.bucket_counts'],
      ['NegativeOffset', 'p.negative.offset'],
      ['NegativeBucketCounts', 'p.negative.bucket_counts'],
      ...exemplarColumns,
      ['Flags', 'p.flags'],
      ['Min', 'p.min'],
      ['Max', 'p.max'],
      ['AggregationTemporality', 'k.aggregation_temporality'],
    ],
  },
  summary: {
    member: 'summary',
    point: `Tuple(${times}, count UInt64, sum Float64, quantile_values Array(Tuple(quantile Float64, value Float64)), attributes ${keyValues}, flags UInt32)`,
    extras: '',
    columns: [
      ['Count', 'p.count'],
      ['Sum', 'p.sum'],
      ['ValueAtQuantiles.Quantile', 'p.quantile_values.quantile'],
      ['ValueAtQuantiles.Value', 'p.quantile_values.value'],
      ['Flags', 'p.flags'],
    ],
  },
} as const satisfies Record<string, MetricKind>

const passedOn = [...passedOnColumns, 'ResourceSchemaUrl']
const resourcePart = ['ServiceName', 'ResourceAttributes', 'ResourceSchemaUrl', ...resourceLayerColumns]
const scopePart = ['ScopeName', 'ScopeVersion', 'ScopeAttributes', 'ScopeDroppedAttrCount', 'ScopeSchemaUrl']

function insertOf(name: keyof typeof kinds, sources: LayerSources): PayloadInsert {
  const kind: MetricKind = kinds[name]
  const metric = `Tuple(name String, description String, unit String, ${kind.member} Tuple(data_points Array(${kind.point})${kind.extras}))`
  const structure = batchStructure(
    'resource_metrics',
    `Tuple(resource ${resource}, schema_url String, scope_metrics Array(Tuple(scope ${scope}, schema_url String, metrics Array(${metric}))))`,
  )
  const table = `otel_metrics_${name}`
  const shared = [...resourcePart, ...scopePart]
  const carried = [...passedOn, ...scopePart].join(', ')
  const into = `INSERT INTO ${table} (${shared.join(', ')},
  MetricName, MetricDescription, MetricUnit, Attributes, StartTimeUnix, TimeUnix, ${kind.columns.map(([column]) => column).join(', ')},
  Component, Synthetic)`
  const select = `SELECT ${shared.join(', ')},
  MetricName, MetricDescription, MetricUnit, Attributes, ${seconds('p.start_time_unix_nano')}, ${seconds('p.time_unix_nano')},
  ${kind.columns.map(([, expression]) => expression).join(',\n  ')},
  ${firstAttribute('Attributes', sources.Component)}, ${isSynthetic('Attributes')}
FROM (
  SELECT ${carried}, MetricName, MetricDescription, MetricUnit, k, p, ${attributeMap('p.attributes')} AS Attributes
  FROM (
    SELECT ${carried}, m.name AS MetricName, m.description AS MetricDescription, m.unit AS MetricUnit, m.${kind.member} AS k,
      arrayJoin(m.${kind.member}.data_points) AS p
    FROM (
      SELECT ${carried}, arrayJoin(sm.metrics) AS m
      FROM (
        SELECT ${passedOn.join(', ')}, sm, sm.scope.name AS ScopeName, sm.scope.version AS ScopeVersion,
          ${attributeMap('sm.scope.attributes')} AS ScopeAttributes, sm.scope.dropped_attributes_count AS ScopeDroppedAttrCount,
          sm.schema_url AS ScopeSchemaUrl
        FROM (
          SELECT ${passedOn.join(', ')}, arrayJoin(rm.scope_metrics) AS sm
          FROM (
            SELECT rm, rm.schema_url AS ResourceSchemaUrl, ResourceAttributes, ${resourceColumns(sources)}
            FROM (
              SELECT rm, ${attributeMap('rm.resource.attributes')} AS ResourceAttributes
              FROM (SELECT arrayJoin(payload.resource_metrics) AS rm FROM {source})
            )
          )
        )
      )
    )
  )
)`
  return {
    name: `data points into ${table}`,
    table,
    into,
    select,
    structure,
    messageName: 'MetricRecord',
    protobufSchema: recordSchema,
  }
}

/** Data points of staged payloads as rows of the five otel_metrics tables, one insert a table from the same staged file. */
export function otelMetricsInserts(sources: LayerSources): PayloadInsert[] {
  return (['gauge', 'sum', 'histogram', 'exponential_histogram', 'summary'] as const).map(name =>
    insertOf(name, sources),
  )
}
