import { z } from 'zod'
import { defineTable } from '../client/query.ts'

/** How far the roll-ups are; see migrations 004 for what Rows means at each step, 007 for the shards. Start is seconds since the epoch. */
export const rollupProgressTable = defineTable({
  name: 'rollup_progress',
  row: z.object({
    Step: z.enum(['minute', 'hour', 'day']),
    Signal: z.string(),
    Start: z.number().int(),
    Rows: z.bigint(),
    Settled: z.number().int(),
    LastShard: z.number().int(),
    Shard: z.number().int(),
    Version: z.bigint(),
  }),
})
