import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { NinefoldError } from '../../lib/errors.ts'
import { safeInteger, timestampColumn } from '../client/columns.ts'
import { defineQuery, defineStatement, defineTable } from '../client/query.ts'
import type { Writer } from '../client/store.ts'

/** `NNN_name.up.sql` with its `NNN_name.down.sql`. */
export interface Migration {
  readonly number: number
  readonly name: string
  readonly up: string
  readonly down: string
  /** SHA-256 of the up file; an applied file must not change. */
  readonly checksum: string
}

const folder = new URL('./', import.meta.url)

/** The migrations beside this file, in order. */
export function readMigrations(): Migration[] {
  return readdirSync(folder)
    .filter(file => file.endsWith('.up.sql'))
    .sort()
    .map(file => {
      const up = readFileSync(new URL(file, folder), 'utf8')
      const down = readFileSync(new URL(file.replace('.up.', '.down.'), folder), 'utf8')
      const checksum = createHash('sha256').update(up).digest('hex')
      return { number: Number(file.slice(0, 3)), name: file.slice(4, -'.up.sql'.length), up, down, checksum }
    })
}

const noParams = z.object({})

const createLedger = defineStatement({
  name: 'create schema_migrations',
  sql: `CREATE TABLE IF NOT EXISTS schema_migrations (
  Number UInt32, Name String, Checksum String, AppliedAt DateTime64(3, 'UTC'), Applied Bool, Version UInt64
) ENGINE = ReplacingMergeTree(Version) ORDER BY Number
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1`,
  params: noParams,
})

const ledger = defineTable({
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

const appliedMigrations = defineQuery({
  name: 'applied migrations',
  sql: 'SELECT Number AS number, Name AS name, Checksum AS checksum FROM schema_migrations FINAL WHERE Applied ORDER BY Number',
  params: noParams,
  row: z.object({ number: safeInteger, name: z.string(), checksum: z.string() }),
})

/**
 * Brings the schema to `target` (the newest by default), up or down, one migration after the other.
 * @returns numbers of the migrations that ran, downwards ones negative.
 * @throws DATA_DIR_NEWER, MIGRATION_CHANGED, MIGRATION_FAILED (with the statement).
 */
export async function migrate(
  writer: Writer,
  options: { readonly nowMs: number; readonly target?: number; readonly migrations?: readonly Migration[] },
): Promise<number[]> {
  const migrations = options.migrations ?? readMigrations()
  const target = options.target ?? migrations.at(-1)?.number ?? 0
  await writer.execute(createLedger, {})
  const applied = await writer.query(appliedMigrations, {})
  verify(applied, migrations)
  const done = new Set(applied.map(({ number }) => number))
  const ran: number[] = []
  const record = async (migration: Migration, isApplied: boolean) => {
    const { number, name, checksum } = migration
    // The ledger is read by Version: up and down of the same millisecond must still be ordered.
    const version = BigInt(options.nowMs) * 1000n + BigInt(ran.length)
    const row = {
      Number: number,
      Name: name,
      Checksum: checksum,
      AppliedAt: options.nowMs,
      Applied: isApplied,
      Version: version,
    }
    await writer.insert(ledger, [row])
    ran.push(isApplied ? number : -number)
  }
  for (const migration of migrations.filter(({ number }) => number <= target && !done.has(number))) {
    await runStatements(writer, migration.up, migration.name)
    await record(migration, true)
  }
  for (const migration of migrations.filter(({ number }) => number > target && done.has(number)).reverse()) {
    await runStatements(writer, migration.down, migration.name)
    await record(migration, false)
  }
  return ran
}

function verify(
  applied: readonly { number: number; name: string; checksum: string }[],
  known: readonly Migration[],
): void {
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

async function runStatements(writer: Writer, text: string, name: string): Promise<void> {
  for (const sql of splitStatements(text)) {
    try {
      await writer.execute({ name: `migration ${name}`, sql, params: noParams }, {})
    } catch (error) {
      const firstLine = sql.split('\n')[0] ?? ''
      throw new NinefoldError(
        'MIGRATION_FAILED',
        `${name}: ${firstLine}: ${error instanceof Error ? error.message : ''}`,
        {
          cause: error,
        },
      )
    }
  }
}

/** Statements end with a semicolon at the end of a line; whole-line comments are dropped. */
export function splitStatements(text: string): string[] {
  return text
    .split('\n')
    .filter(line => !line.startsWith('--'))
    .join('\n')
    .split(/;\s*(?:\n|$)/)
    .map(statement => statement.trim())
    .filter(statement => statement !== '')
}
