import { z } from 'zod'
import { safeInteger, timestampColumn } from '../client/columns.ts'
import { defineQuery, defineTable } from '../client/query.ts'

/** The ledger of the sink: which range of the bus was stored under which token. */
export const sinkOffsets = defineTable({
  name: 'sink_offsets',
  row: z.object({
    Topic: z.string(),
    Partition: z.number().int(),
    First: z.bigint(),
    Last: z.bigint(),
    Bytes: z.number().int(),
    Token: z.string(),
    InsertedAt: timestampColumn,
    /** Of payloads that became rows, where the sink tells repeats (payload-identity.ts); kept for a day. */
    Payloads: z.array(z.string()).readonly().optional(),
    /** When the newest record of the range was received. */
    PayloadsReceivedAt: timestampColumn.optional(),
  }),
})

/** No row before the first batch. */
export const lastStored = defineQuery({
  name: 'last stored',
  sql: 'SELECT toUnixTimestamp64Milli(max(InsertedAt)) AS atMs FROM sink_offsets HAVING count() > 0',
  params: z.object({}),
  row: z.object({ atMs: safeInteger }),
})
