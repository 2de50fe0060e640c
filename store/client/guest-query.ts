import type { ClickHouseClient } from '@clickhouse/client'
import { z } from 'zod'
import { NinefoldError } from '../../lib/errors.ts'
import { engineCodeOf, storeError } from './engine-errors.ts'
import type { GuestAnswer, GuestReader } from './store.ts'

/** Bounds of somebody's query, set once for the connection: with `readonly = 1` nothing that it says changes them. */
export const guestSettings = {
  max_execution_time: 30,
  max_memory_usage: 1_000_000_000,
  max_rows_to_read: 200_000_000,
  max_result_rows: 200_000,
  max_result_bytes: 64_000_000,
  result_overflow_mode: 'throw',
  max_threads: 2,
  date_time_output_format: 'unix_timestamp',
  output_format_json_quote_64bit_integers: 1,
  readonly: 1,
} as const

/** The one condition of the engine's: statements that say they were bounded. TOO_MANY_ROWS, TIMEOUT_EXCEEDED, MEMORY_LIMIT_EXCEEDED, … */
const tooMuch = new Set(['158', '159', '160', '241', '307', '396'])

/** What a SELECT may be made of, by the names that the engine's parser has for it; all else is refused. */
const allowedNodes = new Set([
  ...['SelectWithUnionQuery', 'SelectIntersectExceptQuery', 'SelectQuery', 'ExpressionList', 'Subquery', 'WithElement'],
  ...[
    'Identifier',
    'Literal',
    'Function',
    'Asterisk',
    'QualifiedAsterisk',
    'ColumnsExceptTransformer',
    'ColumnsTransformerList',
  ],
  ...[
    'TablesInSelectQuery',
    'TablesInSelectQueryElement',
    'TableExpression',
    'TableJoin',
    'TableIdentifier',
    'ArrayJoin',
  ],
  ...[
    'OrderByElement',
    'StorageOrderByElement',
    'InterpolateElement',
    'WindowDefinition',
    'WindowListElement',
    'SampleRatio',
  ],
])
/** Table functions that make rows out of nothing. */
const allowedTableFunctions = new Set([
  'numbers',
  'numbers_mt',
  'zeros',
  'generateseries',
  'generate_series',
  'values',
  'null',
])
/** Functions that reach beyond the tables: the disk, other programs, dictionaries and joins of others, the server itself; or waste time. */
const deniedFunctions =
  /^(file|sleep|sleepeachrow|catboostevaluate|modelevaluate|filesystem.*|dict.*|joinget.*|getmacro|getsetting.*|getserversetting|getmergetreesetting|.*port|addressto.*|demangle|.*stacktrace.*|remote.*|executable.*|ai[a-z]*|currentprofiles|enabledprofiles|currentroles|throwif|hasthreadfuzzer|serveruuid)$/i

const line = z.object({ text: z.string() }).transform(({ text }) => text)
const formatted = z.array(line).length(1)
const answered = z.object({
  meta: z.array(z.object({ name: z.string(), type: z.string() })),
  data: z.array(z.array(z.unknown())),
})

/**
 * Runs queries that people write into specs. The text goes to the engine's own parser, is judged by the tree that comes of it and run as the
 * engine prints it, so that no comment, quote or second statement can mean one thing to us and another to it.
 * @param client a connection that `guestSettings` bind.
 * @param parser a connection for the trees, which are made without running anything; the guest's own is too closely bound for that.
 */
export function createGuestReader(client: ClickHouseClient, parser: ClickHouseClient): GuestReader {
  /** After an answer that was cut off the embedded engine gives its rest to the next statement. */
  const clear = async () => {
    try {
      await (await client.query({ query: 'SELECT 1', format: 'JSONEachRow' })).text()
    } catch {
      // Only what came before is of interest.
    }
  }

  const ask = async <T>(what: string, run: () => Promise<T>): Promise<T> => {
    try {
      return await run()
    } catch (error) {
      if (error instanceof NinefoldError) throw error
      await clear()
      const code = engineCodeOf(error)
      const known = storeError(error, what)
      if (code !== undefined && tooMuch.has(code))
        throw new NinefoldError('SOURCE_TOO_LARGE', known.message, { cause: error })
      if (known.code !== 'STORE_QUERY_FAILED' && known.code !== 'STORE_ACCESS_DENIED') throw known
      throw new NinefoldError('SOURCE_REFUSED', known.message, { cause: error })
    }
  }

  const printed = async (sql: string): Promise<string> => {
    const query = 'SELECT formatQuery({query:String}) AS text'
    const result = await client.query({ query, format: 'JSONEachRow', query_params: { query: sql } })
    return formatted.parse(await result.json())[0] ?? ''
  }

  return {
    select: async (sql, params, { signal } = {}): Promise<GuestAnswer> => {
      const aborting = signal === undefined ? {} : { abort_signal: signal }
      const bound = { query_params: { ...params }, ...aborting }
      return ask('the query', async () => {
        // Within brackets nothing but one SELECT parses.
        const query = `SELECT * FROM (\n${await printed(sql)}\n)`
        const explain = `SELECT explain AS text FROM (EXPLAIN AST ${query})`
        const tree = await parser.query({ query: explain, format: 'JSONEachRow', ...bound })
        const problem = problemIn(z.array(line).parse(await tree.json()))
        if (problem !== undefined) throw new NinefoldError('SOURCE_REFUSED', `the query ${problem}`)
        const result = await client.query({ query, format: 'JSONCompact', ...bound })
        const { meta, data } = answered.parse(parsed(await result.text()))
        return { columns: meta, rows: data }
      })
    },
  }
}

/** An answer that was cut off by an exception ends with what it was. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Error(text.slice(-1000), { cause })
  }
}

/** What of a query's tree is not allowed, in words; undefined when all is. */
function problemIn(tree: readonly string[]): string | undefined {
  const parents: string[] = []
  for (const text of tree) {
    const depth = text.length - text.trimStart().length
    const [node = '', name = ''] = text.trim().split(' ')
    parents.length = depth
    const parent = parents.at(-1)
    parents.push(node)
    if (!allowedNodes.has(node)) return node === 'Set' ? 'brings settings of its own' : `contains ${node}`
    if (node === 'Function' && parent === 'TableExpression' && !allowedTableFunctions.has(name.toLowerCase()))
      return `reads from the table function ${name}`
    if (node === 'Function' && parent !== 'TableExpression' && deniedFunctions.test(name))
      return `uses the function ${name}`
    // What a SELECT without FROM reads.
    if (name === 'system.one') continue
    if (/^(TableIdentifier|Identifier)$/.test(node) && /^(system|information_schema)\./i.test(name))
      return `reads ${name}`
    if (node === 'TableIdentifier' && name.includes('.')) return `reads ${name}, which is another database's`
  }
  return undefined
}
