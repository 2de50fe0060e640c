import { z } from 'zod'
import { type Cluster, quoteName } from '../client/cluster.ts'
import { int64, safeInteger, timestampColumn } from '../client/columns.ts'
import { defineQuery, defineTable } from '../client/query.ts'
import { quoteString } from '../client/sql-text.ts'
import type { Reader, Writer } from '../client/store.ts'

/** What the ledger says about one migration. */
export interface LedgerEntry {
  readonly number: number
  readonly name: string
  readonly checksum: string
  /** `begun`: the process that applied it ended in the middle; its statements are run again where they were not. */
  readonly state: 'applied' | 'begun' | 'undone'
  /** Milliseconds. */
  readonly atMs: number
  readonly version: bigint
}

const noParams = z.object({})
/** Stands where an applied migration has its checksum. */
const begun = 'begun'

const ledgerExists = defineQuery({
  name: 'whether schema_migrations exists',
  sql: `EXISTS TABLE schema_migrations`,
  params: noParams,
  row: z.object({ result: safeInteger }),
})

/** Makes the ledger. On a cluster all servers of all shards are replicas of one, so that each can say where the schema is. */
export async function createLedger(writer: Writer, cluster: Cluster | null): Promise<void> {
  const path = cluster === null ? '' : quoteString(`/clickhouse/tables/${cluster.database}/schema_migrations`)
  const [where, engine] =
    cluster === null
      ? ['', 'ReplacingMergeTree(Version)']
      : [
          ` ON CLUSTER ${quoteName(cluster.name)}`,
          `ReplicatedReplacingMergeTree(${path}, '{shard}-{replica}', Version)`,
        ]
  const sql = `CREATE TABLE IF NOT EXISTS schema_migrations${where} (
  Number UInt32, Name String, Checksum String, AppliedAt DateTime64(3, 'UTC'), Applied Bool, Version UInt64
) ENGINE = ${engine} ORDER BY Number
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1`
  await writer.execute({ name: 'create schema_migrations', sql, params: noParams }, {})
}

const ledgerTable = defineTable({
  name: 'schema_migrations',
  row: z.object({
    Number: z.number().int(),
    Name: z.string(),
    Checksum: z.string(),
    AppliedAt: timestampColumn,
    Applied: z.boolean(),
    Version: z.bigint(),
  }),
})

const ledgerEntries = defineQuery({
  name: 'schema migrations',
  sql: `SELECT Number AS number, Name AS name, Checksum AS checksum,
  multiIf(Applied, 'applied', Checksum = '${begun}', 'begun', 'undone') AS state,
  toUnixTimestamp64Milli(AppliedAt) AS atMs, Version AS version
FROM schema_migrations FINAL ORDER BY Number`,
  params: noParams,
  row: z.object({
    number: safeInteger,
    name: z.string(),
    checksum: z.string(),
    state: z.enum(['applied', 'begun', 'undone']),
    atMs: safeInteger,
    version: int64,
  }),
})

/** The newest entry of each migration that was ever begun here; none when the store is new. Needs no right but to read. */
export async function readLedger(reader: Reader): Promise<readonly LedgerEntry[]> {
  const [exists] = await reader.query(ledgerExists, {})
  return exists?.result === 1 ? await reader.query(ledgerEntries, {}) : []
}

/** Writes an entry that replaces those with a smaller version. */
export async function writeLedger(writer: Writer, entry: LedgerEntry): Promise<void> {
  const row = {
    Number: entry.number,
    Name: entry.name,
    Checksum: entry.state === 'begun' ? begun : entry.checksum,
    AppliedAt: entry.atMs,
    Applied: entry.state === 'applied',
    Version: entry.version,
  }
  await writer.insert(ledgerTable, [row])
}
