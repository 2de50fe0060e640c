import { z } from 'zod'
import { int64, safeInteger } from '../client/columns.ts'
import { defineQuery } from '../client/query.ts'

const summary = z.object({
  id: z.string(),
  topic: z.string(),
  partition: safeInteger,
  offset: int64,
  reason: z.string(),
  message: z.string(),
  source: z.string(),
  receivedAtMs: safeInteger,
  quarantinedAtMs: safeInteger,
  state: z.enum(['quarantined', 'replayed']),
  bytes: safeInteger,
})

const columns = `Id AS id, Topic AS topic, Partition AS partition, Offset AS offset, Reason AS reason, Message AS message, Source AS source,
  toUnixTimestamp64Milli(ReceivedAt) AS receivedAtMs, toUnixTimestamp64Milli(QuarantinedAt) AS quarantinedAtMs, State AS state,
  intDiv(length(Payload) * 3, 4) - countSubstrings(right(Payload, 2), '=') AS bytes`

/** Newest first. */
export const listDeadLetters = defineQuery({
  name: 'list dead letters',
  sql: `SELECT ${columns} FROM dead_letters FINAL ORDER BY QuarantinedAt DESC, Offset DESC LIMIT {limit: UInt32}`,
  params: z.object({ limit: z.number().int().positive() }),
  row: summary,
})

export const showDeadLetter = defineQuery({
  name: 'show dead letter',
  sql: `SELECT ${columns}, LogId AS logId, Payload AS payload FROM dead_letters FINAL WHERE Id = {id: String}`,
  params: z.object({ id: z.string() }),
  row: summary.extend({
    logId: z.string(),
    payload: z.string().transform(text => Buffer.from(text, 'base64')),
  }),
})

/** Offsets of a range that are quarantined: a replay of the range leaves them out. */
export const quarantinedOffsets = defineQuery({
  name: 'quarantined offsets',
  sql: `SELECT DISTINCT Offset AS offset FROM dead_letters
WHERE Topic = {topic: String} AND Partition = {partition: UInt32} AND Offset BETWEEN {first: UInt64} AND {last: UInt64}
  AND startsWith(Id, {idPrefix: String})`,
  params: z.object({
    topic: z.string(),
    partition: z.number().int(),
    first: z.bigint(),
    last: z.bigint(),
    idPrefix: z.string(),
  }),
  row: z.object({ offset: int64 }),
})
