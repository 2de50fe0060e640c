import { z } from 'zod'
import { int64 } from '../client/columns.ts'
import { defineQuery } from '../client/query.ts'

/** Good and valid of each minute of some revisions, from the roll-ups; minutes without valid events have no row. */
export const minuteCounts = defineQuery({
  name: 'minute counts',
  sql: `SELECT Slo AS slo, Revision AS revision, toUnixTimestamp(Minute) AS minute, Good AS good, Valid AS valid
FROM slo_minute FINAL
WHERE Minute >= toDateTime({from:UInt32}, 'UTC') AND Minute < toDateTime({to:UInt32}, 'UTC')
  AND (Slo, Revision) IN (
    SELECT r.1, r.2 FROM (SELECT arrayJoin(arrayZip({slos:Array(String)}, {revisions:Array(String)})) AS r))
ORDER BY Slo, Revision, Minute`,
  params: z.object({
    from: z.number(),
    to: z.number(),
    slos: z.array(z.string()),
    revisions: z.array(z.string()),
  }),
  row: z.object({ slo: z.string(), revision: z.string(), minute: z.number(), good: int64, valid: int64 }),
})
