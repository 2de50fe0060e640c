import { z } from 'zod'
import { int64, safeInteger, timestampColumn } from '../client/columns.ts'
import { defineQuery, defineTable } from '../client/query.ts'

/** Every revision of every SLO that was ever evaluated, and how far back its history is computed. */
export const specRevisionsTable = defineTable({
  name: 'spec_revisions',
  row: z.object({
    Slo: z.string(),
    Revision: z.string(),
    Service: z.string(),
    Document: z.string(),
    SpecSetRevision: z.string(),
    FirstSeenAt: timestampColumn,
    /** Seconds since the epoch: from here on the roll-ups of this revision are complete. */
    HistoryFrom: z.number().int(),
    HistoryDone: z.number().int(),
    Version: z.bigint(),
  }),
})

/** The same of ratios. */
export const ratioRevisionsTable = defineTable({
  name: 'ratio_revisions',
  row: specRevisionsTable.row.omit({ Slo: true, Service: true }).extend({ Ratio: z.string() }),
})

const known = `Revision AS revision, Document AS document, SpecSetRevision AS specSetRevision,
  toUnixTimestamp64Milli(FirstSeenAt) AS firstSeenAtMs, toUnixTimestamp(HistoryFrom) AS historyFrom, HistoryDone AS historyDone,
  Version AS version`

/** Of SLOs and ratios; revisions of the one are never those of the other. */
export const knownRevisions = defineQuery({
  name: 'known revisions',
  sql: `SELECT 'slo' AS kind, toString(Slo) AS name, toString(Service) AS service, ${known} FROM spec_revisions FINAL
UNION ALL
SELECT 'ratio' AS kind, toString(Ratio) AS name, '' AS service, ${known} FROM ratio_revisions FINAL`,
  params: z.object({}),
  row: z.object({
    kind: z.enum(['slo', 'ratio']),
    name: z.string(),
    revision: z.string(),
    service: z.string(),
    document: z.string(),
    specSetRevision: z.string(),
    firstSeenAtMs: safeInteger,
    historyFrom: z.number(),
    historyDone: z.number().transform(value => value !== 0),
    version: int64,
  }),
})

/** HistoryFrom of a revision without any history: the end of the engine's time. With HistoryDone it is no longer in force. */
export const noHistory = 4_294_967_295

const historyOf = (column: 'Slo' | 'Ratio', table: 'spec_revisions' | 'ratio_revisions') =>
  defineQuery({
    name: `histories of ${table}`,
    sql: `SELECT ${column} AS name, Revision AS revision, argMax(HistoryDone, Version) AS historyDone,
  toUnixTimestamp(argMax(HistoryFrom, Version)) AS historyFrom
FROM ${table} GROUP BY ${column}, Revision`,
    params: z.object({}),
    row: z.object({
      name: z.string(),
      revision: z.string(),
      historyDone: z.number().transform(value => value !== 0),
      historyFrom: z.number(),
    }),
  })

/** Which SLOs' past is computed, and from when on (seconds since the epoch). */
export const historyStates = historyOf('Slo', 'spec_revisions')

/** The same of ratios. */
export const ratioHistoryStates = historyOf('Ratio', 'ratio_revisions')
