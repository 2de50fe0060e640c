import { createHash } from 'node:crypto'
import { z } from 'zod'
import { NinefoldError } from '../../lib/errors.ts'
import { defineQuery } from '../client/query.ts'
import { quoteString } from '../client/sql-text.ts'
import type { Writer } from '../client/store.ts'
import { firstAttribute, type LayerColumn, type LayerSources, resourceLayerColumns } from './payload-expressions.ts'
import { syntheticResultsSelect } from './synthetic-results.ts'

/** Telemetry tables that somebody else fills, as the OpenTelemetry Collector's ClickHouse exporter makes them. */
export interface ExistingTables {
  /** The database that they are in; never the one of our own tables. */
  readonly database: string
  readonly layers: LayerSources
  /** Whether they may be given an index over time. */
  readonly addIndex: boolean
}

const metricKinds = ['gauge', 'sum', 'histogram', 'exponential_histogram', 'summary'] as const
const ofMetrics = metricKinds.map(kind => ({
  name: `otel_metrics_${kind}`,
  signal: 'metrics',
  time: 'TimeUnix',
  attributes: 'Attributes',
}))

/** Tables with the map of the event's own attributes and the column of its own time. */
export const telemetryTables = [
  { name: 'otel_traces', signal: 'traces', time: 'Timestamp', attributes: 'SpanAttributes' },
  { name: 'otel_logs', signal: 'logs', time: 'Timestamp', attributes: 'LogAttributes' },
  ...ofMetrics,
] as const

const noParams = z.object({})
const tablesOf = defineQuery({
  name: 'tables of a database',
  sql: 'SELECT name, engine, comment FROM system.tables WHERE database = {database: String}',
  params: z.object({ database: z.string() }),
  row: z.object({ name: z.string(), engine: z.string(), comment: z.string() }),
})

/**
 * Reads tables that exist as if they were ours: a view of the same name beside our own tables, which adds the layers by expression, so that
 * every query stays as it is and nothing is added to the tables themselves but, where allowed, an index.
 * @throws STORE_SCHEMA_MISMATCH when none of them is there, or our database has such a table of its own.
 */
export async function viewExistingTables(writer: Writer, ownDatabase: string, existing: ExistingTables): Promise<void> {
  const { database } = existing
  const run = (sql: string) => writer.execute({ name: 'view of existing tables', sql, params: noParams }, {})
  const theirs = new Set((await writer.query(tablesOf, { database })).map(({ name }) => name))
  const ours = new Map((await writer.query(tablesOf, { database: ownDatabase })).map(table => [table.name, table]))
  if (!telemetryTables.some(({ name }) => theirs.has(name)))
    throw new NinefoldError(
      'STORE_SCHEMA_MISMATCH',
      `the database ${database} has none of the tables otel_traces, otel_logs, otel_metrics_…`,
    )
  // Views that say what they should are left alone: that needs no right but to read.
  const view = async (name: string, select: string) => {
    const comment = createHash('sha256').update(select).digest('hex')
    if (ours.get(name)?.comment !== comment)
      await run(`CREATE OR REPLACE VIEW ${name} AS\n${select}\nCOMMENT ${quoteString(comment)}`)
  }
  for (const table of telemetryTables) {
    const { name, time } = table
    const own = ours.get(name)
    if (own !== undefined && own.engine !== 'View')
      throw new NinefoldError(
        'STORE_SCHEMA_MISMATCH',
        `the database ${ownDatabase} has a table ${name} of its own; keep existing tables in another`,
      )
    await view(name, theirs.has(name) ? viewOf(table, existing) : emptyView(table, existing.layers))
    if (existing.addIndex && theirs.has(name))
      await run(
        `ALTER TABLE ${quoteName(database)}.${name} ADD INDEX IF NOT EXISTS idx_ninefold_time ${time} TYPE minmax GRANULARITY 1`,
      )
  }
  await view('synthetic_results', syntheticResultsSelect)
}

type TelemetryTable = (typeof telemetryTables)[number]
const quoteName = (name: string) => `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``

function layersOf({ attributes }: TelemetryTable, layers: LayerSources): string {
  const of = (column: LayerColumn, map: string) =>
    `toLowCardinality(${firstAttribute(map, layers[column])}) AS ${column}`
  return [
    ...resourceLayerColumns.map(column => of(column, 'ResourceAttributes')),
    of('Component', attributes),
    `CAST(${attributes}['synthetic'] = 'true' OR ResourceAttributes['synthetic'] = 'true', 'Bool') AS Synthetic`,
  ].join(',\n  ')
}

const viewOf = (table: TelemetryTable, { database, layers }: ExistingTables) =>
  `SELECT *,\n  ${layersOf(table, layers)}\nFROM ${quoteName(database)}.${table.name}`

/** The exporter makes a table with the first of its rows that needs it: until then there are none. */
function emptyView(table: TelemetryTable, layers: LayerSources): string {
  const map = "CAST(map(), 'Map(LowCardinality(String), String)')"
  const columns = [
    `CAST(0, 'DateTime') AS ${table.time}, '' AS ServiceName, ${map} AS ResourceAttributes, ${map} AS ${table.attributes}`,
    table.signal === 'metrics' ? emptyPoint : emptyEvent,
  ]
  return `SELECT *,\n  ${layersOf(table, layers)}\nFROM (SELECT ${columns.join(', ')} WHERE 0)`
}
const emptyEvent = `'' AS SpanName, '' AS SpanKind, '' AS StatusCode, toUInt64(0) AS Duration, '' AS EventName, '' AS SeverityText,
  toUInt8(0) AS SeverityNumber, '' AS Body, '' AS StatusMessage, '' AS TraceId`
const emptyPoint = `'' AS MetricName, '' AS ScopeName, CAST(0, 'DateTime') AS StartTimeUnix, toUInt32(0) AS Flags, toFloat64(0) AS Value,
  toInt32(0) AS AggregationTemporality, false AS IsMonotonic, toUInt64(0) AS Count, CAST([], 'Array(UInt64)') AS BucketCounts,
  CAST([], 'Array(Float64)') AS ExplicitBounds, toInt32(0) AS Scale, toUInt64(0) AS ZeroCount, toInt32(0) AS PositiveOffset,
  CAST([], 'Array(UInt64)') AS PositiveBucketCounts, toInt32(0) AS NegativeOffset, CAST([], 'Array(UInt64)') AS NegativeBucketCounts`
