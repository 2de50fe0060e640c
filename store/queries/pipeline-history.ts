import { z } from 'zod'
import { int64, safeInteger } from '../client/columns.ts'
import { defineQuery } from '../client/query.ts'

/** What the pipeline did over a stretch of time; ranges are milliseconds, from inclusive, to exclusive. */

const range = { fromMs: z.number(), toMs: z.number() }
const buckets = z.object({ ...range, stepSeconds: z.number().int().positive() })
const newest = z.object({ ...range, limit: z.number().int().positive() })

const within = (column: string) =>
  `${column} >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC') AND ${column} < fromUnixTimestamp64Milli({toMs:Int64}, 'UTC')`
const bucketOf = (column: string) => `intDiv(toUnixTimestamp(${column}), {stepSeconds:UInt32}) * {stepSeconds:UInt32}`

/** Rows by the minute of their event and their signal; seconds since the epoch. */
export const arrivalsByStep = defineQuery({
  name: 'arrivals by step',
  sql: `SELECT ${bucketOf('Minute')} AS at, Signal AS label, sum(Rows) AS count
FROM arrivals WHERE ${within('Minute')} GROUP BY at, label ORDER BY at, label`,
  params: buckets,
  row: z.object({ at: z.coerce.number(), label: z.string(), count: int64 }),
})

/** Batches that the sink stored, by topic. */
export const batchesByStep = defineQuery({
  name: 'batches by step',
  sql: `SELECT ${bucketOf('InsertedAt')} AS at, Topic AS label, count() AS count
FROM sink_offsets WHERE ${within('InsertedAt')} GROUP BY at, label ORDER BY at, label`,
  params: buckets,
  row: z.object({ at: z.coerce.number(), label: z.string(), count: int64 }),
})

/** Newest first. */
export const deadLettersWithin = defineQuery({
  name: 'dead letters within',
  sql: `SELECT toUnixTimestamp64Milli(QuarantinedAt) AS atMs, Topic AS topic, Offset AS offset, Reason AS reason, Message AS message, State AS state
FROM dead_letters FINAL WHERE ${within('QuarantinedAt')} ORDER BY QuarantinedAt DESC, Offset DESC LIMIT {limit:UInt32}`,
  params: newest,
  row: z.object({
    atMs: safeInteger,
    topic: z.string(),
    offset: int64,
    reason: z.string(),
    message: z.string(),
    state: z.string(),
  }),
})

/** Newest first. */
export const notificationsWithin = defineQuery({
  name: 'notifications within',
  sql: `SELECT toUnixTimestamp64Milli(CreatedAt) AS atMs, Slo AS slo, Severity AS severity, Action AS action, State AS state, Attempts AS attempts,
  LastError AS lastError
FROM notifications FINAL WHERE ${within('CreatedAt')} ORDER BY CreatedAt DESC, Id LIMIT {limit:UInt32}`,
  params: newest,
  row: z.object({
    atMs: safeInteger,
    slo: z.string(),
    severity: z.string(),
    action: z.string(),
    state: z.string(),
    attempts: z.number(),
    lastError: z.string(),
  }),
})
