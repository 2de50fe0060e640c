import { z } from 'zod'
import { type Cluster, localName, quoteName } from '../client/cluster.ts'
import { safeInteger } from '../client/columns.ts'
import { defineQuery } from '../client/query.ts'
import type { Writer } from '../client/store.ts'

/** How long rows are kept, in seconds of their own time. */
export interface Retention {
  readonly rawSeconds: number
  readonly sliMinuteSeconds: number
  readonly sliHourSeconds: number
  readonly sliDaySeconds: number
}

const tablesOf: Readonly<Record<keyof Retention, readonly string[]>> = {
  rawSeconds: [
    'otel_traces',
    'otel_traces_trace_id_ts',
    'otel_logs',
    'otel_metrics_gauge',
    'otel_metrics_sum',
    'otel_metrics_histogram',
    'otel_metrics_exponential_histogram',
    'otel_metrics_summary',
    'events',
    'event_deliveries',
  ],
  // What arrived says which minutes are to be computed, and what a plan's coverage is.
  sliMinuteSeconds: ['sli_minute', 'slo_minute', 'ratio_minute', 'arrivals'],
  sliHourSeconds: ['sli_hour', 'slo_hour', 'ratio_hour'],
  sliDaySeconds: ['sli_day', 'slo_day', 'ratio_day'],
}

/** A table's TTL as the engine prints it: `TTL toDateTime(Timestamp) + toIntervalDay(35)`. */
const currentTtls = defineQuery({
  name: 'current TTLs',
  sql: `SELECT name AS table, extract(engine_full, 'TTL (.+) \\\\+ toInterval[A-Z]') AS time,
  extract(engine_full, '\\\\+ toInterval([A-Z][a-z]+)\\\\(') AS unit, toUInt64OrZero(extract(engine_full, '\\\\+ toInterval[A-Za-z]+\\\\((\\\\d+)\\\\)')) AS count
FROM system.tables WHERE database = currentDatabase() AND name IN {tables: Array(String)} AND time != '' ORDER BY name`,
  params: z.object({ tables: z.array(z.string()) }),
  row: z.object({ table: z.string(), time: z.string(), unit: z.string(), count: safeInteger }),
})

const unitSeconds: Readonly<Record<string, number>> = {
  Second: 1,
  Minute: 60,
  Hour: 3600,
  Day: 86_400,
  Year: 365 * 86_400,
}

/**
 * Makes the tables keep rows for as long as `retention` says; those that do already are not touched, and a table without a TTL stays
 * without one. Old rows go in the background; lengthening brings nothing back.
 * @returns the tables that were altered.
 */
export async function applyRetention(
  writer: Writer,
  retention: Retention,
  cluster: Cluster | null = null,
): Promise<string[]> {
  const named = (table: string) => (cluster === null ? table : localName(table))
  const wanted = new Map(
    (Object.keys(tablesOf) as (keyof Retention)[]).flatMap(key =>
      tablesOf[key].map(table => [named(table), retention[key]] as const),
    ),
  )
  // Coverage is made of it, and what is to be computed: it stays for as long as anything that it is about.
  wanted.set(named('rollup_progress'), Math.max(...Object.values(retention)))
  const altered: string[] = []
  for (const { table, time, unit, count } of await writer.query(currentTtls, { tables: [...wanted.keys()] })) {
    const seconds = wanted.get(table)
    if (seconds === undefined || count * (unitSeconds[unit] ?? Number.NaN) === seconds) continue
    await writer.execute(
      {
        name: `retention of ${table}`,
        // Both names come from the engine's own catalogue of our tables; TTLs take no parameters.
        sql: `ALTER TABLE ${table}${cluster === null ? '' : ` ON CLUSTER ${quoteName(cluster.name)}`} MODIFY TTL ${time} + INTERVAL ${Math.trunc(seconds)} SECOND`,
        params: z.object({}),
      },
      {},
    )
    altered.push(table)
  }
  return altered
}
