import { mkdirSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { type ClickHouseClient, ClickHouseLogLevel, type ClickHouseSettings, createClient } from '@clickhouse/client'
import { z } from 'zod'
import { type Cluster, clusterSettings } from './cluster.ts'
import { createReader, createWriter } from './connection.ts'
import { storeError } from './engine-errors.ts'
import { createGuestReader, guestSettings } from './guest-query.ts'
import { mendTokens } from './mend-tokens.ts'
import { lockHolder, openError } from './open-error.ts'
import { createPayloadWriter } from './payload-writer.ts'
import { defineQuery } from './query.ts'
import { requireVersion } from './server-version.ts'
import { settingsList } from './sql-text.ts'
import type { Store } from './store.ts'
import { defaultStoreLimits, type StoreLimits, type StoreLocation } from './store-location.ts'

export type { StoreLocation } from './store-location.ts'

type InjectedConnection = NonNullable<NonNullable<Parameters<typeof createClient>[0]>['connection']>
interface Clients extends Readonly<Record<'read' | 'guest' | 'compute' | 'write', ClickHouseClient>> {
  readonly payloads: readonly ClickHouseClient[]
}

/** Directories whose lists of tokens this process may be writing to. */
const openedHere = new Set<string>()

/** Payload inserts side by side: as many as the embedded bus has partitions of a topic. */
const payloadConnections = 2

const version = defineQuery({
  name: 'engine version',
  sql: 'SELECT version() AS version',
  params: z.object({}),
  row: z.object({ version: z.string() }),
})

/**
 * The store at `location`. Reads, compute and writes get a connection each and payloads two, so that a small read does not wait for a
 * big insert.
 * The reader's connection is read-only (`readonly = 2`), whatever SQL reaches it; that of guests is more so (guest-query.ts).
 *
 * Embedded: a process can have one directory open at a time (several connections to it, but not a second directory until the first
 * is closed), and a directory one process. `close()` ends statements that still run there; afterwards every call fails with
 * STORE_UNAVAILABLE, and the same or another directory can be opened. A killed process leaves a directory that opens again.
 * @throws DATA_DIR_LOCKED (details: pid), DATA_DIR_NOT_WRITABLE, DISK_FULL, STORE_UNAVAILABLE; of a server also STORE_TOO_OLD,
 * STORE_ACCESS_DENIED, STORE_QUOTA_EXCEEDED.
 */
export async function createStore(
  location: StoreLocation,
  options: { readonly limits?: Partial<StoreLimits> } = {},
): Promise<Store> {
  const limits = { ...defaultStoreLimits, ...options.limits }
  const clients = await openClients(location)
  const close = async () => {
    const { read, guest, compute, write, payloads } = clients
    for (const client of [read, guest, compute, write, ...payloads]) await client.close()
    if (location.kind === 'embedded') await endStatements(location.path)
  }
  try {
    // The embedded engine keeps settings for as long as its connection; a server gets them with each request (see openClients).
    if (location.kind === 'embedded') {
      await clients.read.command({ query: 'SET readonly = 2' })
      await clients.guest.command({ query: `SET ${settingsList(guestSettings)}` })
    }
    const reader = createReader(clients.read, limits)
    const [row] = await reader.query(version, {})
    if (location.kind === 'remote') requireVersion(row?.version ?? '', location.url)
    return {
      reader,
      guest: createGuestReader(clients.guest, clients.read),
      compute: createWriter(clients.compute, limits, location.kind),
      writer: createWriter(clients.write, limits, location.kind),
      payloads: createPayloadWriter(location, clients.payloads),
      kind: location.kind,
      cluster: clusterOf(location),
      version: row?.version ?? 'unknown',
      ping: async () => void (await reader.query(version, {})),
      close,
    }
  } catch (error) {
    await close()
    throw location.kind === 'embedded' ? openError(error, location.path) : storeError(error, `opening ${location.url}`)
  }
}

function clusterOf(location: StoreLocation): Cluster | null {
  if (location.kind === 'embedded' || location.cluster === undefined) return null
  return { name: location.cluster, database: location.database }
}

async function openClients(location: StoreLocation): Promise<Clients> {
  if (location.kind === 'remote') {
    const { url, username, password, database, reader } = location
    // The connection would be taken for idle during a long statement: the server is asked to tell its progress meanwhile. The
    // client's own log is off because every error reaches the caller as one of ours.
    const open = (user: { username: string; password: string }, settings: ClickHouseSettings = {}) =>
      createClient({
        url,
        ...user,
        database,
        request_timeout: 300_000,
        log: { level: ClickHouseLogLevel.OFF },
        use_multipart_params_auto: true,
        clickhouse_settings: {
          send_progress_in_http_headers: 1,
          http_headers_progress_interval_ms: '20000',
          ...(location.cluster === undefined ? {} : clusterSettings),
          ...settings,
        },
      })
    const writer = { username, password }
    const payloads = Array.from({ length: payloadConnections }, () => open(writer))
    const guest = open(reader ?? writer, asTexts(guestSettings))
    return {
      read: open(reader ?? writer, { readonly: '2' }),
      guest,
      compute: open(writer),
      write: open(writer),
      payloads,
    }
  }
  try {
    mkdirSync(location.path, { recursive: true })
    if (!openedHere.has(location.path) && lockHolder(location.path) === undefined) mendTokens(location.path)
    openedHere.add(location.path)
    const open = () => openEmbedded(location.path)
    const [read, guest, compute, write, ...payloads] = await Promise.all([
      open(),
      open(),
      open(),
      open(),
      ...Array.from({ length: payloadConnections }, open),
    ])
    return { read, guest, compute, write, payloads }
  } catch (error) {
    throw openError(error, location.path)
  }
}

async function openEmbedded(path: string): Promise<ClickHouseClient> {
  // A large library, which a process that uses a server does not need.
  const { createChdbConnection } = await import('chdb/connection')
  // chdb implements the client's interface from a copy of the package that declares it: same shape, another declaration.
  return createClient({ connection: createChdbConnection({ path }) as unknown as InjectedConnection })
}

const endStatementsMs = 100

/**
 * Closing a connection is put off until nothing runs in the engine, and a process that leaves before ends in a crash. What runs, and what waited
 * behind it, is ended as it comes.
 */
async function endStatements(path: string): Promise<void> {
  const { drainPending } = await import('chdb')
  let isDrained = false
  const drained = drainPending().then(() => {
    isDrained = true
  })
  await Promise.race([drained, pause(endStatementsMs)])
  if (isDrained) return
  const ending = await openEmbedded(path)
  while (!isDrained) {
    // The statement that looks for others to end is one of them.
    await ending.command({ query: "KILL QUERY WHERE query NOT ILIKE '%FROM system.processes%' ASYNC" })
    await Promise.race([drained, pause(endStatementsMs)])
  }
  await ending.close()
}

/** The form that settings have in a request. */
function asTexts(settings: Readonly<Record<string, string | number>>): ClickHouseSettings {
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)]))
}
