import { z } from 'zod'
import { safeInteger, timestampColumn } from '../client/columns.ts'
import { defineQuery, defineTable } from '../client/query.ts'

const severity = z.enum(['page', 'ticket', 'no-data'])
const action = z.enum(['trigger', 'resolve'])
const state = z.enum(['pending', 'sent', 'rejected', 'superseded'])

/** Outbox and journal; Body holds no secret. */
export const notificationsTable = defineTable({
  name: 'notifications',
  row: z.object({
    Id: z.string(),
    Slo: z.string(),
    Severity: severity,
    Target: z.string(),
    TargetKind: z.string(),
    Action: action,
    DedupKey: z.string(),
    State: state,
    Attempts: z.number().int(),
    CreatedAt: timestampColumn,
    NextAttemptAt: timestampColumn,
    SentAt: timestampColumn.nullable(),
    LastError: z.string(),
    Body: z.string(),
    Version: z.bigint(),
  }),
})

const columns = `Id AS id, Slo AS slo, Severity AS severity, Target AS target, TargetKind AS targetKind, Action AS action,
  DedupKey AS dedupKey, State AS state, Attempts AS attempts, toUnixTimestamp64Milli(CreatedAt) AS createdAtMs,
  toUnixTimestamp64Milli(NextAttemptAt) AS nextAttemptAtMs, toUnixTimestamp64Milli(SentAt) AS sentAtMs,
  LastError AS lastError, Body AS body`

const row = z.object({
  id: z.string(),
  slo: z.string(),
  severity,
  target: z.string(),
  targetKind: z.string(),
  action,
  dedupKey: z.string(),
  state,
  attempts: z.number(),
  createdAtMs: safeInteger,
  nextAttemptAtMs: safeInteger,
  sentAtMs: safeInteger.nullable(),
  lastError: z.string(),
  body: z.string(),
})

/** All that is still to be sent, and all that was written down since `sinceMs`: what the outbox goes on from. */
export const outboxNotifications = defineQuery({
  name: 'outbox',
  sql: `SELECT ${columns} FROM notifications FINAL
WHERE State = 'pending' OR CreatedAt >= fromUnixTimestamp64Milli({sinceMs:Int64}, 'UTC')
ORDER BY CreatedAt, Id`,
  params: z.object({ sinceMs: z.number() }),
  row,
})

/** Newest first; empty `slo` matches all. */
export const listNotifications = defineQuery({
  name: 'list notifications',
  sql: `SELECT ${columns} FROM notifications FINAL
WHERE {slo:String} = '' OR Slo = {slo:String}
ORDER BY CreatedAt DESC, Id LIMIT {limit:UInt32}`,
  params: z.object({ slo: z.string(), limit: z.number() }),
  row,
})

/** Who was told of the beginning of some episodes, and whether it reached them; in the order in which it was written down. */
export const triggersOf = defineQuery({
  name: 'triggers of episodes',
  sql: `SELECT DedupKey AS dedupKey, Target AS target, State AS state, toUnixTimestamp64Milli(SentAt) AS sentAtMs
FROM notifications FINAL
WHERE Action = 'trigger' AND DedupKey IN {dedupKeys:Array(String)}
ORDER BY CreatedAt, Id`,
  params: z.object({ dedupKeys: z.array(z.string()) }),
  row: z.object({ dedupKey: z.string(), target: z.string(), state, sentAtMs: safeInteger.nullable() }),
})
