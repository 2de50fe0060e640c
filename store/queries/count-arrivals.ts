import { z } from 'zod'
import { defineQuery } from '../client/query.ts'
import type { Statement } from '../client/store.ts'
import { telemetryTables } from '../tables/existing-tables.ts'

/** Runs of synthetic transactions are among the traces, and are counted by themselves as well. */
const countedTables = [...telemetryTables, { name: 'synthetic_results', signal: 'synthetics', time: 'Timestamp' }]
export const telemetrySignals = [...new Set(countedTables.map(({ signal }) => signal))]

const params = z.object({ fromMs: z.number().int() })

/**
 * Writes down, as arrivals, rows of a signal's tables since `fromMs` that were not counted yet: for tables whose inserts do not count
 * themselves. Rows that are gone leave what was counted; repeating adds nothing.
 */
export function countArrivals(signal: string): Statement<typeof params> {
  const since = (time: string) => `${time} >= toDateTime(intDiv({fromMs:Int64}, 60000) * 60, 'UTC')`
  const counted = countedTables
    .filter(table => table.signal === signal)
    .map(
      ({ name, time }) =>
        `SELECT toDateTime(toStartOfMinute(${time}), 'UTC') AS Minute, count() AS Rows FROM ${name} WHERE ${since(time)} GROUP BY Minute`,
    )
  return {
    name: `count arrivals of ${signal}`,
    sql: `INSERT INTO arrivals (Signal, Minute, InsertedAt, Rows)
SELECT '${signal}', found.Minute, now64(3, 'UTC'), found.Total - known.Total
FROM (SELECT Minute, sum(Rows) AS Total FROM (${counted.join('\n  UNION ALL\n  ')}) GROUP BY Minute) AS found
LEFT JOIN (
  SELECT Minute, sum(Rows) AS Total FROM arrivals WHERE Signal = '${signal}' AND ${since('Minute')} GROUP BY Minute
) AS known ON found.Minute = known.Minute
WHERE found.Total > known.Total`,
    params,
  }
}

/** How many entries there are: more than before, and something has arrived. */
export const arrivalEntries = defineQuery({
  name: 'arrival entries',
  sql: 'SELECT count() AS entries FROM arrivals',
  params: z.object({}),
  row: z.object({ entries: z.coerce.number() }),
})
