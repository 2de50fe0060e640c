import { z } from 'zod'
import { int64 } from '../client/columns.ts'
import { defineQuery, defineTable } from '../client/query.ts'
import { layerTupleColumns } from './layer-tuple.ts'

type LayerTuple = Record<(typeof layerTupleColumns)[number], z.ZodString>
const layers = z.object(Object.fromEntries(layerTupleColumns.map(name => [name, z.string()])) as LayerTuple)

/** Rows of counts that come from elsewhere; those of events are made within the engine. Minute is seconds since the epoch. */
export const sliMinuteTable = defineTable({
  name: 'sli_minute',
  row: layers.extend({
    Slo: z.string(),
    Revision: z.string(),
    Minute: z.number().int(),
    Good: z.bigint(),
    Valid: z.bigint(),
    Version: z.bigint(),
  }),
})

/** Layer tuples that a revision has counts for, minute by minute. */
export const countedTuples = defineQuery({
  name: 'counted tuples',
  sql: `SELECT toUnixTimestamp(Minute) AS minute, [${layerTupleColumns.map(name => `toString(${name})`).join(', ')}] AS tuple,
  Good AS good, Valid AS valid
FROM sli_minute FINAL
WHERE Slo = {slo:String} AND Revision = {revision:String}
  AND Minute >= toDateTime({from:UInt32}, 'UTC') AND Minute < toDateTime({to:UInt32}, 'UTC') AND (Good > 0 OR Valid > 0)`,
  params: z.object({ slo: z.string(), revision: z.string(), from: z.number(), to: z.number() }),
  row: z.object({ minute: z.number(), tuple: z.array(z.string()), good: int64, valid: int64 }),
})
