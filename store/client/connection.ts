import type { ClickHouseClient } from '@clickhouse/client'
import type { z } from 'zod'
import { NinefoldError } from '../../lib/errors.ts'
import { storeError } from './engine-errors.ts'
import { settingsClause } from './sql-text.ts'
import type { Query, QueryOptions, Statement, Table, Writer } from './store.ts'

type Settings = Readonly<Record<string, string | number>>

/** Counts exactly, fails loudly: 64-bit integers quoted, no silent truncation of results. */
const readSettings: Settings = {
  output_format_json_quote_64bit_integers: 1,
  max_execution_time: 120,
  max_memory_usage: 8e9,
}

/** One insert is one block: it is stored and deduplicated whole. */
const insertSettings: Settings = {
  max_insert_block_size: 10_000_000,
  min_insert_block_size_rows: 0,
  min_insert_block_size_bytes: 0,
  deduplicate_insert: 'enable',
  deduplicate_blocks_in_dependent_materialized_views: 1,
}

/** Reader and writer over one client; the embedded engine runs one connection's statements one after another. */
export function createWriter(client: ClickHouseClient): Writer {
  const query = async <P extends z.ZodType, R extends z.ZodType>(
    definition: Query<P, R>,
    params: z.input<P>,
    options: QueryOptions = {},
  ): Promise<z.output<R>[]> => {
    let rows: unknown[]
    try {
      const result = await client.query({
        query: definition.sql + settingsClause({ ...readSettings, ...options.settings }),
        format: 'JSONEachRow',
        query_params: definition.params.parse(params) as Record<string, unknown>,
        ...(options.signal === undefined ? {} : { abort_signal: options.signal }),
      })
      rows = await result.json<unknown>()
    } catch (error) {
      throw storeError(error, definition.name)
    }
    return rows.map(row => parseRow(definition, row))
  }

  const execute = async <P extends z.ZodType>(
    statement: Statement<P>,
    params: z.input<P>,
    options: QueryOptions = {},
  ) => {
    try {
      await client.command({
        query: statement.sql + settingsClause(options.settings ?? {}),
        query_params: statement.params.parse(params) as Record<string, unknown>,
        ...(options.signal === undefined ? {} : { abort_signal: options.signal }),
      })
    } catch (error) {
      throw storeError(error, statement.name)
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
    const settings = settingsClause({ ...insertSettings, ...token })
    try {
      await client.command({ query: `INSERT INTO ${table.name}${settings}\nFORMAT JSONEachRow\n${body}` })
    } catch (error) {
      throw storeError(error, `insert into ${table.name}`)
    }
  }

  return { query, execute, insert }
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
