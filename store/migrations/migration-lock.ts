import { createHash, randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Clock } from '../../lib/clock.ts'
import { NinefoldError } from '../../lib/errors.ts'
import type { Logger } from '../../lib/logger.ts'
import { defineQuery } from '../client/query.ts'
import { quoteString } from '../client/sql-text.ts'
import type { Writer } from '../client/store.ts'

export interface MigrationLockOptions {
  readonly writer: Writer
  readonly clock: Clock
  readonly logger: Logger
  /** Who holds it, for whoever waits. */
  readonly holder: string
  /** How often the holder gives a sign of life. */
  readonly refreshMs?: number
  /** A lock whose holder gave none for so long, while somebody waited and looked, is taken away. */
  readonly staleMs?: number
}

const lockTable = 'schema_migrations_lock'
const tableAlreadyExists = '57'
const noParams = z.object({})

const lockHolder = defineQuery({
  name: 'migration lock',
  sql: `SELECT comment AS holder FROM system.tables WHERE database = currentDatabase() AND name = '${lockTable}'`,
  params: noParams,
  row: z.object({ holder: z.string() }),
})

/**
 * Does `work` while no other process does its own on this server's database. The lock is a table: making one is the only thing that a
 * server without a coordinator does for exactly one of two who try. Its holder changes the comment every few seconds. Whoever waits and
 * sees it unchanged for long takes it away; clocks of different machines are never compared.
 */
export async function withMigrationLock<T>(options: MigrationLockOptions, work: () => Promise<T>): Promise<T> {
  const { writer, clock, logger, refreshMs = 2000 } = options
  // Told apart from an earlier hold of the same process, or its stale lock would be taken for this one.
  const holder = `${options.holder}, ${randomUUID()}`
  await acquire(options, holder)
  const done = new AbortController()
  const refreshing = (async () => {
    for (let count = 1; ; count++) {
      await clock.sleep(refreshMs, done.signal)
      if (done.signal.aborted) return
      const comment = quoteString(`${holder}, sign of life ${count}`)
      await run(writer, `ALTER TABLE ${lockTable} MODIFY COMMENT ${comment}`).catch(error =>
        logger.warn({ err: error }, 'the migration lock could not be refreshed'),
      )
    }
  })()
  try {
    return await work()
  } finally {
    done.abort()
    await refreshing
    await run(writer, `DROP TABLE IF EXISTS ${lockTable}`)
  }
}

async function acquire(options: MigrationLockOptions, holder: string): Promise<void> {
  const { writer, clock, logger, refreshMs = 2000, staleMs = 30_000 } = options
  let seen = { holder: '', sinceMs: clock.now() }
  let told = false
  while (!(await createTable(writer, lockTable, holder))) {
    const current = await readHolder(writer)
    if (current === undefined) continue
    if (current !== seen.holder) seen = { holder: current, sinceMs: clock.now() }
    if (!told) logger.info({ holder: current }, 'another process migrates the store; waiting for it')
    told = true
    if (clock.now() - seen.sinceMs > staleMs) {
      logger.warn({ holder: current }, 'the migration lock is taken away from a process that gives no sign of life')
      await takeAway(writer, current)
    }
    await clock.sleep(refreshMs / 4)
  }
}

/**
 * Several may find the same lock stale at once. One of them makes the table that stands for taking away this very lock; by the time
 * another could make it again, the lock is somebody else's and left alone.
 */
async function takeAway(writer: Writer, stale: string): Promise<void> {
  const claim = `${lockTable}_${createHash('sha256').update(stale).digest('hex').slice(0, 16)}`
  if (!(await createTable(writer, claim, 'takes a stale lock away'))) return
  try {
    if ((await readHolder(writer)) === stale) await run(writer, `DROP TABLE IF EXISTS ${lockTable}`)
  } finally {
    await run(writer, `DROP TABLE IF EXISTS ${claim}`)
  }
}

async function readHolder(writer: Writer): Promise<string | undefined> {
  const [row] = await writer.query(lockHolder, {})
  return row?.holder
}

/** @returns whether this call made it. */
async function createTable(writer: Writer, name: string, comment: string): Promise<boolean> {
  try {
    await run(
      writer,
      `CREATE TABLE ${name} (Nothing UInt8) ENGINE = MergeTree ORDER BY tuple() COMMENT ${quoteString(comment)}`,
    )
    return true
  } catch (error) {
    if (error instanceof NinefoldError && error.details.engineCode === tableAlreadyExists) return false
    throw error
  }
}

const run = (writer: Writer, sql: string) => writer.execute({ name: 'migration lock', sql, params: noParams }, {})
