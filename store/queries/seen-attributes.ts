import { z } from 'zod'
import { int64 } from '../client/columns.ts'
import { defineQuery } from '../client/query.ts'
import type { EventSource } from './event-sources.ts'

/** More names than anybody's events have; a list as long as this says nothing of what is missing. */
export const mostNames = 5_000
/** Rows that are looked at: names repeat, so that a part of a very busy day tells nearly all of them. */
const mostRows = 20_000_000

/** Tables that hold the events of a signal. */
export function tablesOf({ signal, table }: EventSource): readonly string[] {
  if (signal !== 'metrics') return [table]
  return ['gauge', 'sum', 'histogram', 'exponential_histogram', 'summary'].map(kind => `otel_metrics_${kind}`)
}

/** Names of attributes that events since a time had, and how many events were looked at for them. */
export function seenAttributes({ attributes, time }: EventSource, table: string) {
  return defineQuery({
    name: 'seen attributes',
    sql: `SELECT groupUniqArrayArray(${mostNames})(${attributes}.keys) AS own, groupUniqArrayArray(${mostNames})(ResourceAttributes.keys) AS resource,
  count() AS looked
FROM ${table} WHERE ${time} >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC')
SETTINGS max_rows_to_read = ${mostRows}, read_overflow_mode = 'break'`,
    params: z.object({ fromMs: z.number() }),
    row: z.object({ own: z.array(z.string()), resource: z.array(z.string()), looked: int64 }),
  })
}
