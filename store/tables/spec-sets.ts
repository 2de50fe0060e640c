import { z } from 'zod'
import { int64, safeInteger, timestampColumn } from '../client/columns.ts'
import { defineQuery, defineTable } from '../client/query.ts'

const source = z.enum(['directory', 'apply', 'rollback'])

/** Every set of specs that ever came into force; rows are only ever added, each under its Sequence as deduplication token. */
export const specSetsTable = defineTable({
  name: 'spec_sets',
  row: z.object({
    Sequence: z.bigint(),
    Revision: z.string(),
    AppliedAt: timestampColumn,
    Source: source,
    Path: z.string(),
    Author: z.string(),
    Commit: z.string(),
    Message: z.string(),
    Slos: z.number().int(),
    Files: z.string(),
  }),
})

const columns = `Sequence AS sequence, Revision AS revision, toUnixTimestamp64Milli(AppliedAt) AS appliedAtMs, Source AS source,
  Path AS path, Author AS author, Commit AS commit, Message AS message, Slos AS slos`

const entry = {
  sequence: int64,
  revision: z.string(),
  appliedAtMs: safeInteger,
  source,
  path: z.string(),
  author: z.string(),
  commit: z.string(),
  message: z.string(),
  slos: z.number(),
}

const files = z
  .string()
  .transform((text): unknown => JSON.parse(text))
  .pipe(z.array(z.object({ file: z.string(), text: z.string() })))

/** Newest first, without their files. */
export const listSpecSets = defineQuery({
  name: 'list spec sets',
  sql: `SELECT ${columns} FROM spec_sets ORDER BY Sequence DESC LIMIT {limit:UInt32}`,
  params: z.object({ limit: z.number() }),
  row: z.object(entry),
})

/** The set that has this place in the order, without its files. */
export const specSetAt = defineQuery({
  name: 'spec set at',
  sql: `SELECT ${columns} FROM spec_sets WHERE Sequence = {sequence:UInt64}`,
  params: z.object({ sequence: z.bigint() }),
  row: z.object(entry),
})

/** The last time that a set with a revision of this beginning came into force, with its files; of any when the text is empty. */
export const lastSpecSet = defineQuery({
  name: 'last spec set',
  sql: `SELECT ${columns}, Files AS files FROM spec_sets
WHERE startsWith(Revision, {revision:String}) AND ({source:String} = '' OR Source = {source:String})
ORDER BY Sequence DESC LIMIT 1`,
  params: z.object({ revision: z.string(), source: z.union([source, z.literal('')]) }),
  row: z.object({ ...entry, files }),
})

/** Different revisions that begin with the text: more than one, and it does not name one. */
export const revisionsBeginning = defineQuery({
  name: 'revisions beginning',
  sql: 'SELECT DISTINCT Revision AS revision FROM spec_sets WHERE startsWith(Revision, {revision:String}) LIMIT 10',
  params: z.object({ revision: z.string() }),
  row: z.object({ revision: z.string() }),
})
