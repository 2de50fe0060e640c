import { createStore } from '../../store/client/create-store.ts'
import type { Store } from '../../store/client/store.ts'
import { migrateStore } from '../../store/migrations/migrate-store.ts'
import { applyRetention } from '../../store/migrations/retention.ts'
import { viewExistingTables } from '../../store/tables/existing-tables.ts'
import type { RoleContext } from './role-context.ts'
import { existingTables, retentionOf, storeLocation } from './store-settings.ts'

/** The store of the configuration, its schema where it should be. */
export async function openStore(
  { config, clock, logger, shutdown, health }: RoleContext,
  data: string,
): Promise<Store> {
  const store = await createStore(storeLocation(config, data))
  shutdown.register('close', 'store', () => store.close())
  health.add('store', async () => {
    await store.ping()
    return null
  })
  const existing = existingTables(config)
  await migrateStore(store, { clock, logger, hasOwnTelemetry: existing === null })
  if (existing !== null) await viewExistingTables(store.writer, config['store.database'], existing)
  return store
}

/** How long rows are kept is one process's business: two with different configurations would alter tables in turns. */
export async function keepRetention({ config }: RoleContext, store: Store): Promise<void> {
  await applyRetention(store.writer, retentionOf(config), store.cluster)
}
