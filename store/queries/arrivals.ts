import { z } from 'zod'
import { safeInteger } from '../client/columns.ts'
import { defineQuery } from '../client/query.ts'

/**
 * Minutes of event time that rows were inserted for at or after `sinceMs`, with how many, by signal. Times are the store's own clock;
 * look back a little further than the last answer, because a block is stamped a moment before it can be read.
 */
export const arrivalsSince = defineQuery({
  name: 'arrivals since',
  sql: `SELECT Signal AS signal, toUnixTimestamp(Minute) AS minute, sum(Rows) AS rows, max(toUnixTimestamp64Milli(InsertedAt)) AS insertedAtMs
FROM arrivals WHERE InsertedAt >= fromUnixTimestamp64Milli({sinceMs: Int64}, 'UTC')
GROUP BY signal, minute ORDER BY signal, minute`,
  params: z.object({ sinceMs: z.number().int() }),
  row: z.object({ signal: z.string(), minute: z.number(), rows: safeInteger, insertedAtMs: safeInteger }),
})
