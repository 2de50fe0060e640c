import { z } from 'zod'
import { bool, float64, int64, safeInteger, timestampColumn } from '../client/columns.ts'
import { defineQuery, defineTable } from '../client/query.ts'

const severity = z.enum(['page', 'ticket', 'no-data'])
const state = z.enum(['inactive', 'pending', 'firing', 'resolved'])

/** Times in milliseconds since the epoch; Evidence and BurningLayers as JSON (see `evidenceJson`). */
export const alertsTable = defineTable({
  name: 'alerts',
  row: z.object({
    Slo: z.string(),
    Severity: severity,
    StartedAt: timestampColumn,
    Service: z.string(),
    State: state,
    DedupKey: z.string(),
    PendingSince: timestampColumn.nullable(),
    FiredAt: timestampColumn.nullable(),
    ResolvedAt: timestampColumn.nullable(),
    QuietSince: timestampColumn.nullable(),
    Frozen: z.number().int(),
    Inhibited: z.number().int(),
    BudgetRemainingRatio: z.number().nullable(),
    SuspectVersion: z.string().nullable(),
    Evidence: z.string(),
    BurningLayers: z.string(),
    Version: z.bigint(),
  }),
})

/** Counts are exact whatever their size: in JSON they are text. */
export function exactJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? inner.toString() : inner))
}

const parsedJson = z.string().transform((text): unknown => JSON.parse(text))

const evidence = parsedJson.pipe(
  z.array(
    z.object({
      condition: z.string(),
      threshold: z.number(),
      longWindowSeconds: z.number(),
      longBurnRate: z.number().nullable(),
      longGood: int64,
      longValid: int64,
      shortWindowSeconds: z.number().nullable(),
      shortBurnRate: z.number().nullable(),
    }),
  ),
)
const burningLayers = parsedJson.pipe(
  z.array(z.object({ layer: z.string(), value: z.string(), bad: int64, valid: int64, shareOfBad: z.number() })),
)

const milliseconds = (column: string, name: string) => `toUnixTimestamp64Milli(${column}) AS ${name}`
const columns = `Slo AS slo, Service AS service, Severity AS severity, State AS state, DedupKey AS dedupKey,
  ${milliseconds('PendingSince', 'pendingSinceMs')}, ${milliseconds('FiredAt', 'firedAtMs')},
  ${milliseconds('ResolvedAt', 'resolvedAtMs')}, ${milliseconds('QuietSince', 'quietSinceMs')},
  Frozen AS frozen, Inhibited AS inhibited, BudgetRemainingRatio AS budgetRemainingRatio,
  SuspectVersion AS suspectVersion, Evidence AS evidence, BurningLayers AS burningLayers`

const row = z.object({
  slo: z.string(),
  service: z.string(),
  severity,
  state,
  dedupKey: z.string(),
  pendingSinceMs: safeInteger.nullable(),
  firedAtMs: safeInteger.nullable(),
  resolvedAtMs: safeInteger.nullable(),
  quietSinceMs: safeInteger.nullable(),
  frozen: bool,
  inhibited: bool,
  budgetRemainingRatio: float64,
  suspectVersion: z.string().nullable(),
  evidence,
  burningLayers,
})

/** Episodes that are pending or firing, and those resolved since `resolvedSinceMs`: what a restart goes on from. */
export const openEpisodes = defineQuery({
  name: 'open episodes',
  sql: `SELECT ${columns} FROM alerts FINAL
WHERE State IN ('pending', 'firing')
  OR (State = 'resolved' AND ResolvedAt >= fromUnixTimestamp64Milli({resolvedSinceMs:Int64}, 'UTC'))
ORDER BY StartedAt`,
  params: z.object({ resolvedSinceMs: z.number() }),
  row,
})

/** Newest first. Empty text matches all; times outside of [from, to) do not touch the range. */
export const listEpisodes = defineQuery({
  name: 'list episodes',
  sql: `SELECT ${columns} FROM alerts FINAL
WHERE State != 'inactive' AND ({slo:String} = '' OR Slo = {slo:String})
  AND ({severity:String} = '' OR Severity = {severity:String}) AND ({state:String} = '' OR State = {state:String})
  AND StartedAt < fromUnixTimestamp64Milli({toMs:Int64}, 'UTC')
  AND (ResolvedAt IS NULL OR ResolvedAt >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC'))
ORDER BY StartedAt DESC, Slo, Severity
LIMIT {limit:UInt32}`,
  params: z.object({
    slo: z.string(),
    severity: z.union([severity, z.literal('')]),
    state: z.union([state, z.literal('')]),
    fromMs: z.number(),
    toMs: z.number(),
    limit: z.number(),
  }),
  row,
})
