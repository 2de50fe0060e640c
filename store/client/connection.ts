import type { ClickHouseClient } from '@clickhouse/client'
import type { z } from 'zod'
import { NinefoldError } from '../../lib/errors.ts'
import { storeError } from './engine-errors.ts'
import { insertRemote, runRemote } from './remote-statement.ts'
import { settingsClause } from './sql-text.ts'
import type { Query, QueryOptions, Reader, Statement, Store, Table, Writer } from './store.ts'
import type { StoreLimits } from './store-location.ts'

/**
 * The embedded engine refuses an insert before it begins when less than this is left of the disk, beyond what the largest batch takes. One that
 * meets a full disk halfway may leave its token behind without its rows, and its replay would be taken for done; or half a line in the list of
 * tokens, which takes the next one with it.
 */
export const roomForInserts = { min_free_disk_bytes_to_perform_insert: 64 * 1024 * 1024 } as const

/** One insert is one block: it is stored and deduplicated whole. */
const insertSettings = {
  max_insert_block_size: 10_000_000,
  min_insert_block_size_rows: 0,
  min_insert_block_size_bytes: 0,
  // A server that gathers small inserts would answer for a block that is not this one.
  async_insert: 0,
  // Parsing in parallel refuses a row of more than 10 MiB, which a dead letter may be.
  input_format_parallel_parsing: 0,
  deduplicate_insert: 'enable',
  deduplicate_blocks_in_dependent_materialized_views: 1,
} as const

/** A reader over one client; the embedded engine runs one connection's statements one after another. */
export function createReader(client: ClickHouseClient, limits: StoreLimits): Reader {
  // Counts exactly: 64-bit integers come quoted, so that none is rounded.
  const readSettings = {
    output_format_json_quote_64bit_integers: 1,
    max_execution_time: limits.querySeconds,
    max_memory_usage: limits.queryMemoryBytes,
  }
  const query = async <P extends z.ZodType, R extends z.ZodType>(
    definition: Query<P, R>,
    params: z.input<P>,
    options: QueryOptions = {},
  ): Promise<z.output<R>[]> => {
    const request = {
      query: definition.sql + settingsClause({ ...readSettings, ...options.settings }),
      format: 'JSONEachRow' as const,
      ...boundParams(definition.params, params),
      ...abortSignal(options),
    }
    let rows: unknown[]
    try {
      const result = await client.query(request)
      rows = await result.json<unknown>()
    } catch (error) {
      throw storeError(error, definition.name)
    }
    return rows.map(row => parseRow(definition, row))
  }
  return { query }
}

/** A reader that also writes. */
export function createWriter(client: ClickHouseClient, limits: StoreLimits, kind: Store['kind']): Writer {
  const execute = async <P extends z.ZodType>(
    statement: Statement<P>,
    params: z.input<P>,
    options: QueryOptions = {},
  ) => {
    const request = {
      query: statement.sql + settingsClause(options.settings ?? {}),
      ...boundParams(statement.params, params),
      ...abortSignal(options),
    }
    try {
      await (kind === 'remote' ? runRemote(client, request) : client.command(request))
    } catch (error) {
      throw storeError(error, statement.name, 'write')
    }
  }

  const insert = async <R extends z.ZodType>(
    table: Table<R>,
    rows: readonly z.input<R>[],
    options: { deduplicationToken?: string } = {},
  ) => {
    if (rows.length === 0) return
    const token =
      options.deduplicationToken === undefined ? {} : { insert_deduplication_token: options.deduplicationToken }
    const body = rows.map(row => JSON.stringify(table.row.parse(row), exactIntegers)).join('\n')
    const room = kind === 'embedded' ? roomForInserts : {}
    const settings = settingsClause({ ...insertSettings, ...room, ...token })
    const query = `INSERT INTO ${table.name}${settings}\nFORMAT JSONEachRow`
    try {
      await (kind === 'remote'
        ? insertRemote(client, query, [Buffer.from(body)])
        : client.command({ query: `${query}\n${body}` }))
    } catch (error) {
      throw storeError(error, `insert into ${table.name}`, 'write')
    }
  }

  return { ...createReader(client, limits), execute, insert }
}

function boundParams<P extends z.ZodType>(schema: P, params: z.input<P>) {
  return { query_params: schema.parse(params) as Record<string, unknown> }
}

/** Embedded, an aborted statement is let go of at once yet runs to its end: the next one on its connection waits for it. */
function abortSignal(options: QueryOptions) {
  return options.signal === undefined ? {} : { abort_signal: options.signal }
}

/** Bigints go into JSON as exact digits. */
function exactIntegers(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value
}

function parseRow<P extends z.ZodType, R extends z.ZodType>(query: Query<P, R>, row: unknown): z.output<R> {
  const parsed = query.row.safeParse(row)
  if (parsed.success) return parsed.data
  throw new NinefoldError('STORE_ROW_SHAPE', `${query.name}: ${parsed.error.message}`, { cause: parsed.error })
}
