import { hostname } from 'node:os'
import process from 'node:process'
import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/logger.ts'
import type { Store } from '../client/store.ts'
import { readLedger } from './ledger.ts'
import { type MigrateOptions, migrate, planMigrations } from './migrate.ts'
import { readMigrations } from './migration-files.ts'
import { withMigrationLock } from './migration-lock.ts'

/**
 * `migrate` for a store that other processes may want to migrate too: one does, the others wait until it has. A schema that is where it
 * should be is left alone, and needs no right but to read.
 * @throws what `migrate` throws.
 */
export async function migrateStore(
  store: Store,
  options: { readonly clock: Clock; readonly logger: Logger } & Omit<MigrateOptions, 'nowMs' | 'cluster'>,
): Promise<number[]> {
  const { clock, logger, ...rest } = options
  const { writer } = store
  const { up, down } = planMigrations(await readLedger(writer), rest.migrations ?? readMigrations(), rest.target)
  if (up.length + down.length === 0) return []
  const { cluster } = store
  const work = () => migrate(writer, { ...rest, cluster, nowMs: clock.now() })
  // An embedded store has one process anyway.
  if (store.kind === 'embedded') return await work()
  const holder = `process ${process.pid} on ${hostname()}`
  const asked = rest.signal === undefined ? {} : { signal: rest.signal }
  return await withMigrationLock({ writer, cluster, clock, logger, holder, ...asked }, work)
}
