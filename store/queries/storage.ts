import { z } from 'zod'
import { int64, safeInteger } from '../client/columns.ts'
import { defineQuery } from '../client/query.ts'

/** What each table of the store holds on disk, the largest first; `parts` far above a few hundred means that merges do not keep up. */
export const storageSizes = defineQuery({
  name: 'storage sizes',
  sql: `SELECT table, sum(rows) AS rows, sum(bytes_on_disk) AS bytes, sum(data_uncompressed_bytes) AS uncompressedBytes, count() AS parts,
  toUnixTimestamp(min(modification_time)) AS oldestPart
FROM system.parts WHERE active AND database = currentDatabase() GROUP BY table ORDER BY bytes DESC, table`,
  params: z.object({}),
  row: z.object({
    table: z.string(),
    rows: int64,
    bytes: int64,
    uncompressedBytes: int64,
    parts: safeInteger,
    /** Seconds since the epoch. */
    oldestPart: z.number(),
  }),
})

/** Tables and views of the store by name, also empty ones. */
export const listTables = defineQuery({
  name: 'list tables',
  sql: 'SELECT name, engine FROM system.tables WHERE database = currentDatabase() ORDER BY name',
  params: z.object({}),
  row: z.object({ name: z.string(), engine: z.string() }),
})
