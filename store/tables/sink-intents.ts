import { z } from 'zod'
import { timestampColumn } from '../client/columns.ts'
import { defineTable } from '../client/query.ts'

/** What sinks were about to insert, where others can move the bus's positions. */
export const sinkIntents = defineTable({
  name: 'sink_intents',
  row: z.object({
    Topic: z.string(),
    Partition: z.number().int(),
    First: z.bigint(),
    Last: z.bigint(),
    Token: z.string(),
    AnnouncedAt: timestampColumn,
  }),
})
