import { z } from 'zod'
import { timestampColumn } from '../client/columns.ts'
import { defineTable } from '../client/query.ts'

/** Payloads that could not become rows. `Payload` is base64: the bytes need not be text. */
export const deadLetters = defineTable({
  name: 'dead_letters',
  row: z.object({
    Id: z.string(),
    Topic: z.string(),
    Partition: z.number().int(),
    Offset: z.bigint(),
    /** The log that the offset is of; empty in letters from before it was kept. */
    LogId: z.string(),
    Reason: z.string(),
    Message: z.string(),
    Source: z.string(),
    ReceivedAt: timestampColumn,
    QuarantinedAt: timestampColumn,
    State: z.enum(['quarantined', 'replayed']),
    Payload: z.string(),
    Version: z.bigint(),
  }),
})
