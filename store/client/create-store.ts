import { createHash } from 'node:crypto'
import { createReadStream, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ClickHouseClient, createClient } from '@clickhouse/client'
import { createChdbConnection } from 'chdb/connection'
import { z } from 'zod'
import { createWriter } from './connection.ts'
import { openError, storeError } from './engine-errors.ts'
import { defineQuery } from './query.ts'
import { quoteString, settingsClause } from './sql-text.ts'
import type { PayloadInsert, PayloadWriter, Store } from './store.ts'

type InjectedConnection = NonNullable<NonNullable<Parameters<typeof createClient>[0]>['connection']>

export type StoreLocation =
  | { readonly kind: 'embedded'; readonly path: string }
  | {
      readonly kind: 'remote'
      readonly url: string
      readonly username: string
      readonly password: string
      readonly database: string
    }

const version = defineQuery({
  name: 'engine version',
  sql: 'SELECT version() AS version',
  params: z.object({}),
  row: z.object({ version: z.string() }),
})

/**
 * The store at `location`. Reads, compute and writes get a connection each, so that a small read does not wait for a big insert.
 * A process can have one embedded directory open at a time, and a directory one process.
 * @throws DATA_DIR_LOCKED, DATA_DIR_NOT_WRITABLE, STORE_UNAVAILABLE.
 */
export async function createStore(location: StoreLocation): Promise<Store> {
  const clients = openClients(location)
  const [readClient, computeClient, writeClient] = clients
  const reader = createWriter(readClient)
  const closeAll = async () => {
    for (const client of clients) await client.close()
  }
  try {
    const [row] = await reader.query(version, {})
    return {
      reader,
      compute: createWriter(computeClient),
      writer: createWriter(writeClient),
      payloads: createPayloadWriter(location, writeClient),
      kind: location.kind,
      version: row?.version ?? 'unknown',
      ping: async () => void (await reader.query(version, {})),
      close: closeAll,
    }
  } catch (error) {
    await closeAll()
    throw location.kind === 'embedded' ? openError(error, location.path) : storeError(error, `opening ${location.url}`)
  }
}

function openClients(location: StoreLocation): [ClickHouseClient, ClickHouseClient, ClickHouseClient] {
  if (location.kind === 'remote') {
    const { url, username, password, database } = location
    const open = () => createClient({ url, username, password, database, request_timeout: 300_000 })
    return [open(), open(), open()]
  }
  try {
    mkdirSync(location.path, { recursive: true })
    // chdb implements the client's interface from a copy of the package that declares it: same shape, another declaration.
    const open = () =>
      createClient({ connection: createChdbConnection({ path: location.path }) as unknown as InjectedConnection })
    return [open(), open(), open()]
  } catch (error) {
    throw openError(error, location.path)
  }
}

/**
 * One block an insert, in the order of the file, or a replay of the same range would not be the same block. `INSERT … SELECT` is
 * deduplicated only when told so: the engine cannot know that reading the file again gives the same rows.
 */
const payloadSettings = {
  input_format_protobuf_oneof_presence: 1,
  input_format_allow_errors_num: 0,
  input_format_allow_errors_ratio: 0,
  max_threads: 1,
  max_insert_threads: 1,
  max_parsing_threads: 1,
  max_block_size: 10_000_000,
  max_insert_block_size: 10_000_000,
  min_insert_block_size_rows: 100_000_000,
  min_insert_block_size_bytes: 100_000_000_000,
  max_partitions_per_insert_block: 1000,
  deduplicate_insert_select: 'enable_even_for_bad_queries',
  deduplicate_blocks_in_dependent_materialized_views: 1,
} as const

function createPayloadWriter(location: StoreLocation, client: ClickHouseClient): PayloadWriter {
  const schemaFiles = new Map<string, string>()

  const insertEmbedded = async (path: string, insert: PayloadInsert, stagedFile: string, token: string) => {
    const source = `file(${quoteString(stagedFile)}, 'Protobuf', ${quoteString(insert.structure)})`
    const schemaFile = schemaFiles.get(insert.protobufSchema) ?? writeSchemaFile(path, insert.protobufSchema)
    schemaFiles.set(insert.protobufSchema, schemaFile)
    const settings = settingsClause({
      ...payloadSettings,
      format_schema_source: 'file',
      format_schema: `${schemaFile}:${insert.messageName}`,
      insert_deduplication_token: token,
    })
    await client.command({ query: insert.sql.replace('{source}', () => source) + settings })
  }

  const insertRemote = async (insert: PayloadInsert, stagedFile: string, token: string) => {
    const source = `input(${quoteString(insert.structure)})`
    const settings = settingsClause({
      ...payloadSettings,
      format_schema_source: 'string',
      format_schema: insert.protobufSchema,
      format_schema_message_name: insert.messageName,
      insert_deduplication_token: token,
    })
    const query = `${insert.sql.replace('{source}', () => source)}${settings}\nFORMAT Protobuf`
    const result = await client.exec({ query, values: createReadStream(stagedFile) })
    for await (const _ of result.stream);
  }

  return {
    insertPayloads: async (insert, stagedFile, token) => {
      try {
        await (location.kind === 'embedded'
          ? insertEmbedded(location.path, insert, stagedFile, token)
          : insertRemote(insert, stagedFile, token))
      } catch (error) {
        throw storeError(error, insert.name)
      }
    },
  }
}

/** The embedded engine would keep a schema given as text in a cache below the current directory; a file of ours leaves no litter. */
function writeSchemaFile(path: string, schema: string): string {
  const folder = join(path, 'ninefold-schemas')
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${createHash('sha256').update(schema).digest('hex').slice(0, 16)}.proto`)
  writeFileSync(file, schema)
  return file
}
