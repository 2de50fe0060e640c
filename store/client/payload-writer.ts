import { createHash } from 'node:crypto'
import { createReadStream, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ClickHouseClient } from '@clickhouse/client'
import { roomForInserts } from './connection.ts'
import { storeError } from './engine-errors.ts'
import { insertRemote } from './remote-statement.ts'
import { quoteString, settingsClause } from './sql-text.ts'
import type { PayloadInsert, PayloadWriter } from './store.ts'
import type { StoreLocation } from './store-location.ts'

type Token = { readonly insert_deduplication_token?: string }

/**
 * One block an insert, in the order of the file, or a replay of the same range would not be the same block. `INSERT … SELECT` is
 * deduplicated only when told so: the engine cannot know that reading the file again gives the same rows.
 */
const payloadSettings = {
  input_format_protobuf_oneof_presence: 1,
  input_format_allow_errors_num: 0,
  input_format_allow_errors_ratio: 0,
  // Every attribute is converted by every rule and one result chosen: cheaper than sorting them out first.
  short_circuit_function_evaluation: 'disable',
  // Nothing to be found by reordering steps of one file's way to one table, and the search takes as long as a few thousand rows.
  query_plan_enable_optimizations: 0,
  max_threads: 1,
  max_insert_threads: 1,
  max_parsing_threads: 1,
  max_block_size: 10_000_000,
  max_insert_block_size: 10_000_000,
  min_insert_block_size_rows: 100_000_000,
  min_insert_block_size_bytes: 100_000_000_000,
  // Events of many days are many parts, not an error.
  max_partitions_per_insert_block: 0,
  async_insert: 0,
  deduplicate_insert_select: 'enable_even_for_bad_queries',
  deduplicate_blocks_in_dependent_materialized_views: 1,
} as const

/**
 * The statement is one and the same; embedded it reads the staged file where it is, remote the file is its body. As many run side by side as
 * there are connections; the others wait for one.
 */
export function createPayloadWriter(location: StoreLocation, clients: readonly ClickHouseClient[]): PayloadWriter {
  const schemaFiles = new Map<string, string>()
  const lanes = createLanes(clients)

  const runEmbedded = async (
    client: ClickHouseClient,
    path: string,
    insert: PayloadInsert,
    into: string,
    stagedFile: string,
    token: Token,
  ) => {
    const source = `file(${quoteString(stagedFile)}, 'Protobuf', ${quoteString(insert.structure)})`
    const schemaFile = schemaFiles.get(insert.protobufSchema) ?? writeSchemaFile(path, insert.protobufSchema)
    schemaFiles.set(insert.protobufSchema, schemaFile)
    const settings = settingsClause({
      ...payloadSettings,
      ...roomForInserts,
      format_schema_source: 'file',
      format_schema: `${schemaFile}:${insert.messageName}`,
      ...token,
    })
    await client.command({ query: `${into}\n${insert.select.replace('{source}', () => source)}${settings}` })
  }

  const runRemote = async (
    client: ClickHouseClient,
    insert: PayloadInsert,
    into: string,
    stagedFile: string,
    token: Token,
  ) => {
    const source = `input(${quoteString(insert.structure)})`
    const settings = settingsClause({
      ...payloadSettings,
      format_schema_source: 'string',
      format_schema: insert.protobufSchema,
      format_schema_message_name: insert.messageName,
      ...token,
    })
    // Settings belong to the INSERT: they must be in force when the server makes the reader of the body.
    const query = `${into}${settings}\n${insert.select.replace('{source}', () => source)}\nFORMAT Protobuf`
    await insertRemote(client, query, createReadStream(stagedFile))
  }

  const run = async (insert: PayloadInsert, into: string, stagedFile: string, token: Token) => {
    try {
      await lanes.use(client =>
        location.kind === 'embedded'
          ? runEmbedded(client, location.path, insert, into, stagedFile, token)
          : runRemote(client, insert, into, stagedFile, token),
      )
    } catch (error) {
      throw storeError(error, insert.name, 'write')
    }
  }

  return {
    inProcess: location.kind === 'embedded',
    insertPayloads: (insert, stagedFile, token) =>
      run(insert, insert.into, stagedFile, { insert_deduplication_token: token }),
    checkPayloads: (insert, stagedFile) => {
      // `ignore` takes every column, so that each is worked out; the rows themselves need not fit a table.
      const select = `SELECT count() FROM (\n${insert.select}\n) WHERE NOT ignore(*)`
      return run({ ...insert, select }, "INSERT INTO FUNCTION null('n UInt64')", stagedFile, {})
    },
  }
}

/** Gives each piece of work a connection of its own, in the order in which they asked. */
function createLanes(clients: readonly ClickHouseClient[]) {
  const idle = [...clients]
  const waiting: ((client: ClickHouseClient) => void)[] = []
  const take = (): Promise<ClickHouseClient> => {
    const client = idle.pop()
    return client === undefined ? new Promise(resolve => waiting.push(resolve)) : Promise.resolve(client)
  }
  const give = (client: ClickHouseClient) => {
    const next = waiting.shift()
    if (next === undefined) idle.push(client)
    else next(client)
  }
  return {
    use: async <T>(work: (client: ClickHouseClient) => Promise<T>): Promise<T> => {
      const client = await take()
      try {
        return await work(client)
      } finally {
        give(client)
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
