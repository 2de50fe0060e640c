import { join } from 'node:path'
import type { StoreLocation } from '../../store/client/create-store.ts'
import type { LayerSources } from '../../store/tables/payload-expressions.ts'
import { readSecretFile } from '../config.ts'
import type { Config } from '../config-keys.ts'

/** The configuration's words for where the store is. */
export function storeLocation(config: Config, dataDirectory: string): StoreLocation {
  if (config.store === 'embedded') return { kind: 'embedded', path: join(dataDirectory, 'store') }
  const passwordFile = config['store.passwordFile']
  return {
    kind: 'remote',
    url: config.store,
    username: config['store.username'],
    password: passwordFile === null ? '' : readSecretFile('store.passwordFile', passwordFile),
    database: config['store.database'],
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
