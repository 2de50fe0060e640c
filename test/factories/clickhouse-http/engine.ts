import { randomUUID } from 'node:crypto'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type ChdbResult, Session } from 'chdb'
import { quoteString } from '../../../store/client/sql-text.ts'
import { onOneServer } from './engine-config.ts'
import { EngineError } from './engine-error.ts'
import type { HttpStatement } from './http-statement.ts'

export interface Engine {
  readonly version: string
  run(statement: HttpStatement): Promise<ChdbResult>
  spoolFile(): string
  close(): void
}

/** Formats whose data may follow the statement as text. The engine takes every other format from a file only. */
const inlineFormats = /^(Values|JSON\w*|CSV\w*|TSV\w*|TabSeparated\w*|LineAsString|RawBLOB)$/

/**
 * The embedded engine behind the server. A statement has a connection of its own, because a connection keeps the settings and
 * parameters it is given; a named session keeps its connection, as a server's session does.
 */
export function openEngine(options: {
  path: string
  folder: string
  arguments: readonly string[]
  isCluster: boolean
  hasKeeper: boolean
  version?: string
}): Engine {
  const open = () => new Session(options.path, { connectionArgs: options.arguments })
  const keeper = open()
  const sessions = new Map<string, { session: Session; busy: boolean }>()
  const real = keeper.query('SELECT version()', 'TabSeparatedRaw').trim()
  const version = options.version ?? real

  const inSession = async <T>(id: string | undefined, work: (session: Session) => Promise<T>): Promise<T> => {
    if (id === undefined) {
      const session = open()
      try {
        return await work(session)
      } finally {
        session.close()
      }
    }
    const held = sessions.get(id) ?? { session: open(), busy: false }
    sessions.set(id, held)
    if (held.busy)
      throw new EngineError(
        373,
        `Code: 373. DB::Exception: Session ${id} is locked by a concurrent client. (SESSION_IS_LOCKED)`,
      )
    held.busy = true
    try {
      return await work(held.session)
    } finally {
      held.busy = false
    }
  }

  return {
    version,
    spoolFile: () => join(options.folder, `body-${randomUUID()}`),
    run: statement =>
      inSession(statement.sessionId, async session => {
        if (statement.database !== undefined)
          await session.queryAsync(`USE \`${statement.database.replaceAll('`', '``')}\``)
        const settings = [...statement.settings, ...statement.params].map(
          ([name, value]) => `${name} = ${quoteString(value)}`,
        )
        if (settings.length > 0) await session.queryAsync(`SET ${settings.join(', ')}`)
        const whole = await wholeStatement(session, statement)
        const sql = options.isCluster ? onOneServer(whole, options.hasKeeper) : whole
        const told = options.version === undefined ? sql : sql.replaceAll(/\bversion\(\)/g, quoteString(version))
        return session.queryAsync(told, { format: statement.defaultFormat })
      }),
    close: () => {
      for (const { session } of sessions.values()) session.close()
      keeper.close()
    },
  }
}

/** The statement with its data: inline when they are text, else read from the spooled body. */
async function wholeStatement(session: Session, { sql, data }: HttpStatement): Promise<string> {
  if (data === undefined) return sql
  const { file, format, inputAt } = data
  if (inputAt !== undefined) {
    const source = `file(${quoteString(file)}, ${quoteString(format)}, `
    return sql.slice(0, inputAt) + sql.slice(inputAt).replace(/^input\s*\(/, () => source)
  }
  if (inlineFormats.test(format)) return `${sql} FORMAT ${format}\n${readFileSync(file, 'utf8')}`
  const columns = await columnsOf(session, sql)
  const structure = columns.map(({ name, type }) => `${name} ${type}`).join(', ')
  // By name, because Native brings its columns in an order of its own.
  const names = columns.map(({ name }) => name).join(', ')
  return `${sql} SELECT ${names} FROM file(${quoteString(file)}, ${quoteString(format)}, ${quoteString(structure)})`
}

/** Columns that the INSERT names, in its order, or all of its table that take values. */
async function columnsOf(session: Session, sql: string): Promise<{ name: string; type: string }[]> {
  const [, table = '', list] = /^\s*INSERT\s+INTO\s+(?:TABLE\s+)?([\w.`"]+)\s*(?:\(([^)]*)\))?/i.exec(sql) ?? []
  const described = await session.queryAsync(`DESCRIBE TABLE ${table}`, { format: 'JSON' })
  const { data } = described.json<{ data: { name: string; type: string; default_type: string }[] }>()
  const types = new Map(data.map(({ name, type }) => [name, type]))
  const named = list?.split(',').map(name => name.trim().replace(/[`"]/g, ''))
  const all = data.filter(column => !/MATERIALIZED|ALIAS/.test(column.default_type)).map(({ name }) => name)
  return (named ?? all).map(name => ({ name: `\`${name}\``, type: types.get(name) ?? 'String' }))
}

export function removeSpool(statement: HttpStatement | undefined): void {
  if (statement?.data !== undefined) rmSync(statement.data.file, { force: true })
}
