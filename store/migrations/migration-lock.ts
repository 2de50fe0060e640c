import { createHash, randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Clock } from '../../lib/clock.ts'
import { NinefoldError } from '../../lib/errors.ts'
import type { Logger } from '../../lib/logger.ts'
import { type Cluster, quoteName } from '../client/cluster.ts'
import { defineQuery } from '../client/query.ts'
import { quoteString } from '../client/sql-text.ts'
import type { Writer } from '../client/store.ts'

export interface MigrationLockOptions {
  readonly writer: Writer
  readonly clock: Clock
  readonly logger: Logger
  /** Where the tables are when not on one server. */
  readonly cluster?: Cluster | null
  /** Who holds it, for whoever waits. */
  readonly holder: string
  /** How often the holder gives a sign of life. */
  readonly refreshMs?: number
  /** A lock whose holder gave none for so long, while somebody waited and looked, is taken away. */
  readonly staleMs?: number
  /** Asks to stop: whoever waits for the lock gives up. */
  readonly signal?: AbortSignal
}

const lockTable = 'schema_migrations_lock'
/** TABLE_ALREADY_EXISTS; on a cluster also REPLICA_ALREADY_EXISTS: another server has it. */
const alreadyExists = new Set<unknown>(['57', '253'])
const noParams = z.object({})

const lockHolder = (cluster: Cluster | null) =>
  defineQuery({
    name: 'migration lock',
    sql:
      cluster === null
        ? `SELECT comment AS holder FROM system.tables WHERE database = currentDatabase() AND name = '${lockTable}'`
        : `SELECT comment AS holder FROM clusterAllReplicas(${quoteString(cluster.name)}, system.tables)
WHERE database = ${quoteString(cluster.database)} AND name = '${lockTable}' LIMIT 1`,
    params: noParams,
    row: z.object({ holder: z.string() }),
  })

/**
 * Does `work` while no other process does its own on this server's database. The lock is a table: making one is the only thing that a
 * server without a coordinator does for exactly one of two who try. On a cluster its path and replica in the coordinator are the same
 * whichever server makes it, so again only one can. Its holder changes the comment every few seconds. Whoever waits and
 * sees it unchanged for long takes it away; clocks of different machines are never compared.
 * @throws the reason of `signal` when that comes before the lock, and what `work` throws.
 */
export async function withMigrationLock<T>(options: MigrationLockOptions, work: () => Promise<T>): Promise<T> {
  const { writer, clock, logger, refreshMs = 2000, cluster = null } = options
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
    await run(writer, dropTable(lockTable, cluster))
  }
}

async function acquire(options: MigrationLockOptions, holder: string): Promise<void> {
  const { writer, clock, logger, refreshMs = 2000, staleMs = 30_000, cluster = null, signal } = options
  let seen = { holder: '', sinceMs: clock.now() }
  let told = false
  while (!(await createTable(writer, lockTable, holder, cluster))) {
    signal?.throwIfAborted()
    const current = await readHolder(writer, cluster)
    if (current === undefined) {
      await clock.sleep(refreshMs / 20, signal)
      continue
    }
    if (current !== seen.holder) seen = { holder: current, sinceMs: clock.now() }
    if (!told) logger.info({ holder: current }, 'another process migrates the store; waiting for it')
    told = true
    if (clock.now() - seen.sinceMs > staleMs) {
      logger.warn({ holder: current }, 'the migration lock is taken away from a process that gives no sign of life')
      await takeAway(writer, current, cluster)
    }
    await clock.sleep(refreshMs / 4, signal)
  }
}

/**
 * Several may find the same lock stale at once. One of them makes the table that stands for taking away this very lock; by the time
 * another could make it again, the lock is somebody else's and left alone.
 */
async function takeAway(writer: Writer, stale: string, cluster: Cluster | null): Promise<void> {
  const claim = `${lockTable}_${createHash('sha256').update(stale).digest('hex').slice(0, 16)}`
  if (!(await createTable(writer, claim, 'takes a stale lock away', cluster))) return
  try {
    if ((await readHolder(writer, cluster)) === stale) await run(writer, dropTable(lockTable, cluster))
  } finally {
    await run(writer, dropTable(claim, cluster))
  }
}

async function readHolder(writer: Writer, cluster: Cluster | null): Promise<string | undefined> {
  const [row] = await writer.query(lockHolder(cluster), {})
  return row?.holder
}

/** @returns whether this call made it. */
async function createTable(writer: Writer, name: string, comment: string, cluster: Cluster | null): Promise<boolean> {
  const engine =
    cluster === null
      ? 'MergeTree'
      : `ReplicatedMergeTree(${quoteString(`/clickhouse/tables/${cluster.database}/${name}`)}, 'lock')`
  try {
    await run(
      writer,
      `CREATE TABLE ${name} (Nothing UInt8) ENGINE = ${engine} ORDER BY tuple() COMMENT ${quoteString(comment)}`,
    )
    return true
  } catch (error) {
    if (error instanceof NinefoldError && alreadyExists.has(error.details.engineCode)) return false
    throw error
  }
}

const dropTable = (name: string, cluster: Cluster | null) =>
  `DROP TABLE IF EXISTS ${name}${cluster === null ? '' : ` ON CLUSTER ${quoteName(cluster.name)} SYNC`}`

const run = (writer: Writer, sql: string) => writer.execute({ name: 'migration lock', sql, params: noParams }, {})
