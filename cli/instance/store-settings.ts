import { join } from 'node:path'
import { NinefoldError } from '../../lib/errors.ts'
import type { StoreLocation } from '../../store/client/create-store.ts'
import type { Retention } from '../../store/migrations/retention.ts'
import type { ExistingTables } from '../../store/tables/existing-tables.ts'
import type { LayerSources } from '../../store/tables/payload-expressions.ts'
import { readSecretFile } from '../config.ts'
import type { Config } from '../config-keys.ts'

/** The configuration's words for where the store is. */
export function storeLocation(config: Config, dataDirectory: string): StoreLocation {
  if (config.store === 'embedded' && config['store.cluster'] !== null)
    throw new NinefoldError('CONFIG_INVALID', 'store.cluster needs `store` to be the URL of a server of that cluster')
  if (config.store === 'embedded') return { kind: 'embedded', path: join(dataDirectory, 'store') }
  const readerUsername = config['store.readerUsername']
  const reader = { username: readerUsername ?? '', password: readPassword(config, 'store.readerPasswordFile') }
  return {
    kind: 'remote',
    url: config.store,
    username: config['store.username'],
    password: readPassword(config, 'store.passwordFile'),
    database: config['store.database'],
    ...(config['store.cluster'] === null ? {} : { cluster: config['store.cluster'] }),
    ...(readerUsername === null ? {} : { reader }),
  }
}

function readPassword(config: Config, key: 'store.passwordFile' | 'store.readerPasswordFile'): string {
  const file = config[key]
  return file === null ? '' : readSecretFile(key, file)
}

/**
 * Telemetry tables that others fill; null when ours are read.
 * @throws CONFIG_INVALID
 */
export function existingTables(config: Config): ExistingTables | null {
  if (config['store.tables'] === 'own') return null
  const database = config['store.tablesDatabase']
  if (config.store === 'embedded')
    throw new NinefoldError('CONFIG_INVALID', 'store.tables: existing tables are on a server: set `store`')
  if (config['store.cluster'] !== null)
    throw new NinefoldError('CONFIG_INVALID', 'store.tables: existing tables and store.cluster do not go together')
  if (database === config['store.database'])
    throw new NinefoldError(
      'CONFIG_INVALID',
      'store.database must be another one than that of the existing tables (store.tablesDatabase)',
    )
  return { database, layers: layerSources(config), addIndex: config['store.tables'] === 'existing+index' }
}

/** For what would fill the tables. @throws CONFIG_INVALID */
export function refuseForeignTables(config: Config): void {
  if (config['store.tables'] !== 'own')
    throw new NinefoldError('CONFIG_INVALID', 'store.tables: existing tables are filled by others, not from here')
}

/** How long rows are kept. */
export function retentionOf(config: Config): Retention {
  return {
    rawSeconds: config['retention.raw'],
    sliMinuteSeconds: config['retention.sliMinute'],
    sliHourSeconds: config['retention.sliHour'],
    sliDaySeconds: config['retention.sliDay'],
  }
}

export function layerSources(config: Config): LayerSources {
  return {
    Region: config['layers.region'],
    AvailabilityZone: config['layers.availability_zone'],
    Cluster: config['layers.cluster'],
    Node: config['layers.node'],
    Pod: config['layers.pod'],
    Container: config['layers.container'],
    Process: config['layers.process'],
    Component: config['layers.component'],
    Environment: config['layers.environment'],
  }
}
