import { z } from 'zod'
import { NinefoldError } from '../../lib/errors.ts'
import { type Cluster, localName } from '../client/cluster.ts'
import { safeInteger } from '../client/columns.ts'
import { defineQuery } from '../client/query.ts'
import { quoteString } from '../client/sql-text.ts'
import type { Writer } from '../client/store.ts'
import { forCluster } from './cluster-form.ts'
import { createLedger, type LedgerEntry, readLedger, writeLedger } from './ledger.ts'
import { droppedTables, type Migration, readMigrations, splitStatements } from './migration-files.ts'

export interface MigrateOptions {
  readonly nowMs: number
  /** Number to go to, up or down; the newest by default. */
  readonly target?: number
  /** Down even where tables that hold rows go. */
  readonly dropData?: boolean
  readonly migrations?: readonly Migration[]
  /** Where the tables are when not on one server. */
  readonly cluster?: Cluster | null
  /** Telemetry is in tables that others make and fill: none of ours, and no views on them. */
  readonly hasOwnTelemetry?: boolean
  /** Asks to stop, which it does between two migrations. */
  readonly signal?: AbortSignal
}

/** What is left to do. */
export interface MigrationPlan {
  readonly up: readonly Migration[]
  /** In the order in which they are undone. */
  readonly down: readonly Migration[]
}

/** @throws DATA_DIR_NEWER, MIGRATION_CHANGED: the store is not one that these migrations made. */
export function planMigrations(
  entries: readonly LedgerEntry[],
  migrations: readonly Migration[],
  target = migrations.at(-1)?.number ?? 0,
): MigrationPlan {
  const applied = entries.filter(({ state }) => state === 'applied')
  verify(applied, migrations)
  const done = new Set(applied.map(({ number }) => number))
  return {
    up: migrations.filter(({ number }) => number <= target && !done.has(number)),
    down: migrations.filter(({ number }) => number > target && done.has(number)).reverse(),
  }
}

/**
 * Brings the schema to `target` (the newest by default), up or down, one migration after the other. A migration whose process ended in
 * the middle is finished. Only one process may do this at a time: see `migrateStore`.
 * @returns numbers of the migrations that ran, downwards ones negative.
 * @throws DATA_DIR_NEWER, MIGRATION_CHANGED, MIGRATION_FAILED (with the statement), MIGRATION_DROPS_DATA, the reason of `signal`.
 */
export async function migrate(writer: Writer, options: MigrateOptions): Promise<number[]> {
  const {
    nowMs,
    target,
    dropData = false,
    migrations = readMigrations(),
    cluster = null,
    hasOwnTelemetry = true,
    signal,
  } = options
  const statementsOf = (text: string) =>
    splitStatements(text)
      .filter(sql => hasOwnTelemetry || !isOfTelemetry(sql))
      .flatMap(sql => (cluster === null ? [sql] : forCluster(sql, cluster)))
  const entries = await readLedger(writer)
  const plan = planMigrations(entries, migrations, target)
  if (!dropData) await refuseToDropRows(writer, plan.down, cluster)
  if (entries.length === 0 && plan.up.length > 0) await createLedger(writer, cluster)
  const begun = new Set(entries.filter(({ state }) => state === 'begun').map(({ number }) => number))
  let version = entries.map(entry => entry.version).sort((a, b) => (a < b ? 1 : -1))[0] ?? 0n
  const record = async ({ number, name, checksum }: Migration, state: LedgerEntry['state']) => {
    version += 1n
    await writeLedger(writer, { number, name, checksum, state, atMs: nowMs, version })
  }
  for (const migration of plan.up) {
    signal?.throwIfAborted()
    if (!begun.has(migration.number)) await record(migration, 'begun')
    const statements = statementsOf(migration.up)
    await runStatements(writer, begun.has(migration.number) ? statements.map(ifNotExists) : statements, migration.name)
    await record(migration, 'applied')
  }
  for (const migration of plan.down) {
    signal?.throwIfAborted()
    await runStatements(writer, statementsOf(migration.down).map(ifExists), migration.name)
    await record(migration, 'undone')
  }
  return [...plan.up.map(({ number }) => number), ...plan.down.map(({ number }) => -number)]
}

function verify(applied: readonly LedgerEntry[], known: readonly Migration[]): void {
  for (const { number, name, checksum } of applied) {
    const migration = known.find(candidate => candidate.number === number)
    if (migration === undefined) {
      throw new NinefoldError(
        'DATA_DIR_NEWER',
        `the store has migration ${number} (${name}), which this version does not know`,
      )
    }
    if (migration.checksum !== checksum) {
      throw new NinefoldError('MIGRATION_CHANGED', `migration ${number} (${name}) was edited after it was applied`)
    }
  }
}

/** Makes, changes or drops a table of telemetry, or a view that reads one. */
const isOfTelemetry = (sql: string) =>
  /^(CREATE TABLE|ALTER TABLE|DROP TABLE|DELETE FROM) (IF (NOT )?EXISTS )?otel_/.test(sql) || /^FROM otel_/m.test(sql)

const ifNotExists = (statement: string) =>
  statement.replace(/^(CREATE (?:TABLE|MATERIALIZED VIEW|VIEW)) (?!IF NOT EXISTS)/, '$1 IF NOT EXISTS ')
const ifExists = (statement: string) => statement.replace(/^(DROP (?:TABLE|VIEW)) (?!IF EXISTS)/, '$1 IF EXISTS ')

/** On a cluster, of one replica of each shard. */
const tablesWithRows = (cluster: Cluster | null) =>
  defineQuery({
    name: 'tables with rows',
    sql: `SELECT name, sum(coalesce(total_rows, 0)) AS rows
FROM ${cluster === null ? 'system.tables' : `cluster(${quoteString(cluster.name)}, system.tables)`}
WHERE database = {database: String} AND name IN {tables: Array(String)} GROUP BY name HAVING rows > 0 ORDER BY name`,
    params: z.object({ database: z.string(), tables: z.array(z.string()) }),
    row: z.object({ name: z.string(), rows: safeInteger }),
  })

async function refuseToDropRows(writer: Writer, down: readonly Migration[], cluster: Cluster | null): Promise<void> {
  for (const { number, name, down: text } of down) {
    const dropped = droppedTables(text)
    const tables = cluster === null ? dropped : dropped.map(localName)
    const database = await currentDatabase(writer)
    const full = await writer.query(tablesWithRows(cluster), { database, tables })
    if (full.length === 0) continue
    const listed = full.map(table => `${table.name} (${table.rows} rows)`).join(', ')
    throw new NinefoldError('MIGRATION_DROPS_DATA', `undoing migration ${number} (${name}) would drop ${listed}`)
  }
}

async function currentDatabase(writer: Writer): Promise<string> {
  const row = z.object({ name: z.string() })
  const query = { name: 'current database', sql: 'SELECT currentDatabase() AS name', params: z.object({}), row }
  const [current] = await writer.query(query, {})
  return current?.name ?? ''
}

async function runStatements(writer: Writer, statements: readonly string[], name: string): Promise<void> {
  for (const sql of statements) {
    try {
      await writer.execute({ name: `migration ${name}`, sql, params: z.object({}) }, {})
    } catch (error) {
      const firstLine = sql.split('\n')[0] ?? ''
      const reason = error instanceof Error ? error.message : String(error)
      throw new NinefoldError('MIGRATION_FAILED', `${name}: ${firstLine}: ${reason}`, { cause: error })
    }
  }
}
