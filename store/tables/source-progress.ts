import { z } from 'zod'
import { defineQuery, defineTable } from '../client/query.ts'

/** Of which minutes, `[PulledFrom, PulledTo)`, a source was asked for the counts of a revision; seconds since the epoch. */
export const sourceProgressTable = defineTable({
  name: 'source_progress',
  row: z.object({
    Slo: z.string(),
    Revision: z.string(),
    PulledFrom: z.number().int(),
    PulledTo: z.number().int(),
    Version: z.bigint(),
  }),
})

export const sourceProgress = defineQuery({
  name: 'source progress',
  sql: `SELECT Slo AS slo, Revision AS revision, toUnixTimestamp(PulledFrom) AS from, toUnixTimestamp(PulledTo) AS to
FROM source_progress FINAL`,
  params: z.object({}),
  row: z.object({ slo: z.string(), revision: z.string(), from: z.number(), to: z.number() }),
})
