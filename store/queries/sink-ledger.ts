import { z } from 'zod'
import { int64, safeInteger } from '../client/columns.ts'
import { defineQuery } from '../client/query.ts'

const partition = z.object({
  topic: z.string(),
  partition: z.number().int(),
  /** Begins the tokens of one log. */
  tokenPrefix: z.string(),
})
const range = z.object({ first: int64, last: int64 })
const ofPartition = `Topic = {topic: String} AND Partition = {partition: UInt32} AND startsWith(Token, {tokenPrefix: String})`

/** Stretches of offsets that became rows, ascending; ranges that follow each other are one stretch. */
export const storedStretches = defineQuery({
  name: 'stored stretches',
  sql: `SELECT min(First) AS first, max(Last) AS last FROM (
  SELECT First, Last, sum(begins) OVER (ORDER BY First, Last ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS stretch FROM (
    SELECT First, Last,
      First > max(Last) OVER (ORDER BY First, Last ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) + 1 AS begins
    FROM sink_offsets WHERE ${ofPartition}
  )
) GROUP BY stretch ORDER BY first LIMIT 10000`,
  params: partition,
  row: range,
})

/** Ranges that were announced and of which it is not known whether they became rows. */
export const openIntents = defineQuery({
  name: 'open intents',
  sql: `SELECT DISTINCT First AS first, Last AS last FROM sink_intents
WHERE ${ofPartition} AND Token NOT IN (SELECT Token FROM sink_offsets WHERE ${ofPartition})
ORDER BY first LIMIT 10000`,
  params: partition,
  row: range,
})

/** The last offset stored of another log of the same kind in this place; no row when there never was one. */
export const formerLog = defineQuery({
  name: 'former log',
  sql: `SELECT argMax(Last, InsertedAt) AS last FROM sink_offsets
WHERE Topic = {topic: String} AND Partition = {partition: UInt32} AND NOT startsWith(Token, {tokenPrefix: String})
  AND length(splitByChar('/', Token)[3]) = length(splitByChar('/', {tokenPrefix: String})[3])
HAVING count() > 0`,
  params: partition,
  row: z.object({ last: int64 }),
})

/** Ranges of these offsets that were stored, ascending, with the identities of the payloads that became rows. */
export const storedPayloads = defineQuery({
  name: 'stored payloads',
  sql: `SELECT First AS first, Payloads AS identities, toUnixTimestamp64Milli(PayloadsReceivedAt) AS receivedAtMs FROM sink_offsets
WHERE ${ofPartition} AND First >= {from: UInt64} AND First < {before: UInt64} AND notEmpty(Payloads)
ORDER BY First`,
  params: partition.extend({ from: z.bigint(), before: z.bigint() }),
  row: z.object({ first: int64, identities: z.array(z.string()), receivedAtMs: safeInteger }),
})
