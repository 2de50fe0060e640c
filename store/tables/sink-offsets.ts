import { z } from 'zod'
import { timestampColumn } from '../client/columns.ts'
import { defineTable } from '../client/query.ts'

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
  }),
})
