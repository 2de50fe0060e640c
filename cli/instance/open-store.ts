import { createStore } from '../../store/client/create-store.ts'
import type { Store } from '../../store/client/store.ts'
import { migrateStore } from '../../store/migrations/migrate-store.ts'
import { applyRetention } from '../../store/migrations/retention.ts'
import { viewExistingTables } from '../../store/tables/existing-tables.ts'
import type { RoleContext } from './role-context.ts'
import { existingTables, retentionOf, storeLocation } from './store-settings.ts'

/**
 * The store of the configuration, its schema where it should be. When a stop comes in between, an engine in this process is waited for, and
 * so is a migration until it has let go of the lock.
 */
export async function openStore(
  { config, clock, logger, shutdown, health, signal }: RoleContext,
  data: string,
): Promise<Store> {
  const location = storeLocation(config, data)
  const opening = createStore(location)
  if (location.kind === 'embedded') shutdown.register('drain', 'opening the store', () => settled(opening))
  const store = await opening
  shutdown.register('close', 'store', () => store.close())
  signal?.throwIfAborted()
  health.add('store', async () => {
    await store.ping()
    return null
  })
  const existing = existingTables(config)
  const asked = signal === undefined ? {} : { signal }
  const migrating = migrateStore(store, { clock, logger, hasOwnTelemetry: existing === null, ...asked })
  shutdown.register('drain', 'migration', () => settled(migrating))
  await migrating
  if (existing !== null) await viewExistingTables(store.writer, config['store.database'], existing)
  return store
}

/** Whether it fails is for whoever began it. */
async function settled(work: Promise<unknown>): Promise<void> {
  await Promise.allSettled([work])
}

/** How long rows are kept is one process's business: two with different configurations would alter tables in turns. */
export async function keepRetention({ config }: RoleContext, store: Store): Promise<void> {
  await applyRetention(store.writer, retentionOf(config), store.cluster)
}
