import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject } from 'vitest'
import { z } from 'zod'
import { createStore } from '../../store/client/create-store.ts'
import type { Store } from '../../store/client/store.ts'
import { migrate } from '../../store/migrations/migrate.ts'
import type { LayerSources } from '../../store/tables/payload-expressions.ts'
import { startClickHouseHttp } from './clickhouse-http/start.ts'

export const defaultLayerSources: LayerSources = {
  Region: ['cloud.region'],
  AvailabilityZone: ['cloud.availability_zone'],
  Cluster: ['k8s.cluster.name'],
  Node: ['k8s.node.name', 'host.name'],
  Pod: ['k8s.pod.name'],
  Container: ['k8s.container.name'],
  Process: ['process.executable.name'],
  Environment: ['deployment.environment.name'],
  Component: ['db.system.name', 'messaging.system', 'peer.service'],
}

const noParams = z.object({})

export interface StoreUnderTest {
  readonly store: Store
  readonly folder: string
  /** The parameters of a statement that takes none. */
  readonly noParams: typeof noParams
  /** Rows of ad-hoc SQL, as the engine prints them. */
  rows(sql: string): Promise<Record<string, unknown>[]>
  close(): Promise<void>
}

/** The ways to reach the one engine; a suite of the store runs over each. */
export const storeConnections = ['embedded', 'http'] as const
/** And with its tables in the form that they have on a cluster, of this one server. */
export type StoreConnection = (typeof storeConnections)[number] | 'cluster'

declare module 'vitest' {
  interface ProvidedContext {
    /** Of the project that the suite runs in: see vitest.config.ts. */
    storeConnection: StoreConnection
  }
}

/**
 * A migrated store in a folder of its own: embedded (a process can have one at a time), or behind a server's HTTP interface. Which of
 * them is the project's choice unless the suite names one.
 */
export async function openStoreUnderTest(
  options: { readonly migrated?: boolean; readonly connection?: StoreConnection } = {},
): Promise<StoreUnderTest> {
  const folder = mkdtempSync(join(tmpdir(), 'ninefold-store-'))
  const connection = options.connection ?? inject('storeConnection')
  const cluster = connection === 'cluster' ? { cluster: 'one' } : {}
  const server = connection === 'embedded' ? undefined : await startClickHouseHttp({ folder, ...cluster })
  const store = await createStore(
    server === undefined
      ? { kind: 'embedded', path: join(folder, 'store') }
      : { kind: 'remote', url: server.url, username: 'default', password: '', database: 'default', ...cluster },
  )
  if (options.migrated !== false) await migrate(store.writer, { nowMs: 1_767_225_600_000, cluster: store.cluster })
  return {
    store,
    folder,
    noParams,
    rows: sql =>
      store.reader.query({ name: 'test', sql, params: z.object({}), row: z.record(z.string(), z.unknown()) }, {}),
    close: async () => {
      await store.close()
      await server?.kill('SIGTERM')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
