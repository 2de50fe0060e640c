import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { type Cluster, localName, quoteName } from '../client/cluster.ts'
import { defineQuery } from '../client/query.ts'
import type { Reader } from '../client/store.ts'
import { readLedger } from './ledger.ts'
import { type Migration, readMigrations } from './migration-files.ts'

export interface MigrationState {
  readonly number: number
  readonly name: string
  /** `edited`: applied from another text than this version has; `unknown`: applied by a newer version. */
  readonly state: 'applied' | 'pending' | 'begun' | 'edited' | 'unknown'
  /** Milliseconds; null when it is not applied. */
  readonly appliedAtMs: number | null
}

export interface SchemaStatus {
  readonly migrations: readonly MigrationState[]
  /** Columns that are missing or of another type than the migrations make; empty while migrations are pending. */
  readonly differences: readonly string[]
}

/** Where the schema of the store stands, and whether somebody else changed it. */
export async function readSchemaStatus(reader: Reader, cluster: Cluster | null = null): Promise<SchemaStatus> {
  const entries = await readLedger(reader)
  const known = readMigrations()
  const applied = new Map(entries.filter(({ state }) => state === 'applied').map(entry => [entry.number, entry]))
  const begun = new Set(entries.filter(({ state }) => state === 'begun').map(({ number }) => number))
  const stateOf = ({ number, checksum }: Migration): MigrationState['state'] => {
    const entry = applied.get(number)
    if (entry === undefined) return begun.has(number) ? 'begun' : 'pending'
    return entry.checksum === checksum ? 'applied' : 'edited'
  }
  const own = known.map(migration => ({
    number: migration.number,
    name: migration.name,
    state: stateOf(migration),
    appliedAtMs: applied.get(migration.number)?.atMs ?? null,
  }))
  const newer = [...applied.values()]
    .filter(({ number }) => known.every(migration => migration.number !== number))
    .map(({ number, name, atMs }) => ({ number, name, state: 'unknown' as const, appliedAtMs: atMs }))
  const migrations = [...own, ...newer]
  const complete = migrations.every(({ state }) => state === 'applied')
  return { migrations, differences: complete ? await findDifferences(reader, cluster) : [] }
}

const currentColumns = defineQuery({
  name: 'current columns',
  sql: 'SELECT table, name, type FROM system.columns WHERE database = currentDatabase() AND table IN {tables: Array(String)}',
  params: z.object({ tables: z.array(z.string()) }),
  row: z.object({ table: z.string(), name: z.string(), type: z.string() }),
})

/** Columns of these tables that are of another type than the migrations make, each with the statement that changes it; those that are missing too. */
export async function readColumnDifferences(reader: Reader, tables: readonly string[]): Promise<readonly string[]> {
  const expected = columnsOfDump(readFileSync(new URL('./schema.sql', import.meta.url), 'utf8'))
  const wanted = tables.flatMap(table =>
    // On a cluster the local table has the columns, too.
    [table, localName(table)].flatMap(name => (expected.get(table) ?? []).map(column => ({ table: name, ...column }))),
  )
  const rows = await reader.query(currentColumns, { tables: [...new Set(wanted.map(({ table }) => table))] })
  const found = new Map(rows.map(({ table, name, type }) => [`${table}.${name}`, type]))
  const present = new Set(rows.map(({ table }) => table))
  return wanted.flatMap(({ table, name, type }) => {
    const actual = found.get(`${table}.${name}`)
    if (actual === type || !present.has(table)) return []
    const what = actual === undefined ? 'is missing' : `is ${actual} and should be ${type}`
    const change = `${actual === undefined ? 'ADD' : 'MODIFY'} COLUMN ${quoteName(name)} ${type}`
    return [`column ${table}.${name} ${what}: ALTER TABLE ${table} ${change}`]
  })
}

async function findDifferences(reader: Reader, cluster: Cluster | null): Promise<readonly string[]> {
  const tables = columnsOfDump(readFileSync(new URL('./schema.sql', import.meta.url), 'utf8'))
  // On a cluster a table is two: the local one and the Distributed one over it.
  const local = cluster === null ? [] : [...tables].map(([table, columns]) => [localName(table), columns] as const)
  const expected = new Map([...tables, ...local])
  const rows = await reader.query(currentColumns, { tables: [...expected.keys()] })
  const found = new Map(rows.map(({ table, name, type }) => [`${table}.${name}`, type]))
  const present = new Set(rows.map(({ table }) => table))
  return [...expected].flatMap(([table, columns]) => {
    if (!present.has(table)) return [`table ${table} is missing`]
    return columns.flatMap(({ name, type }) => {
      const actual = found.get(`${table}.${name}`)
      if (actual === undefined) return [`column ${table}.${name} ${type} is missing`]
      return actual === type ? [] : [`column ${table}.${name} is ${actual} and should be ${type}`]
    })
  })
}

/** Tables of the dump with their columns; what follows a type (default, codec) can differ without harm. */
function columnsOfDump(dump: string): Map<string, { name: string; type: string }[]> {
  const tables = dump.matchAll(/^CREATE TABLE \w+\.(\w+)\n\(\n([\s\S]*?)\n\)/gm)
  return new Map(
    [...tables].map(([, table = '', body = '']) => [
      table,
      [...body.matchAll(/^ {4}`(.+?)` (.+?)(?: (?:DEFAULT|MATERIALIZED|ALIAS|CODEC|COMMENT|TTL)\b.*?)?,?$/gm)].map(
        ([, name = '', type = '']) => ({ name, type }),
      ),
    ]),
  )
}
