import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ChdbResult } from 'chdb'
import { createAnswer } from './answer.ts'
import { type Engine, openEngine, removeSpool } from './engine.ts'
import { asEngineError, EngineError } from './engine-error.ts'
import { type HttpStatement, readHttpStatement } from './http-statement.ts'
import { nativeOfRevision } from './native-revision.ts'
import type { ServerSettings } from './start.ts'

/**
 * ClickHouse's HTTP interface over the embedded engine, a process of its own: `node serve.ts '{"path": …}'`. It prints its port as
 * JSON and serves until it is told to end. Only for tests: the engine is the real one, the interface is a likeness.
 */

const settings = JSON.parse(process.argv[2] ?? '{}') as ServerSettings
// The engine keeps schemas that come as text below the current directory.
process.chdir(settings.folder)
const { version } = settings
const longestStopMs = 5000
const engine = openEngine({
  path: settings.path,
  folder: settings.folder,
  arguments: settings.engineArguments ?? [],
  isCluster: settings.cluster !== undefined,
  hasKeeper: settings.hasKeeper === true,
  ...(version === undefined ? {} : { version }),
})

/** As a server's http_max_uri_size. */
const running = new Set<Promise<void>>()
const server = createServer({ maxHeaderSize: 1024 * 1024 }, (request, response) => {
  const handled = handle(request, response)
    .catch((error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.stack : error}\n`)
      response.destroy()
    })
    .finally(() => running.delete(handled))
  running.add(handled)
})

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost')
  if (url.pathname === '/ping') return void response.end('Ok.\n')
  if (url.pathname !== '/') {
    response.statusCode = 404
    return void response.end(`There is no handle ${url.pathname}\n`)
  }
  const queryId = url.searchParams.get('query_id') ?? randomUUID()
  const answer = createAnswer(request, response, url, queryId)
  let statement: HttpStatement | undefined
  try {
    authenticate(request, url, settings.users ?? [{ name: 'default', password: '' }])
    statement = await readHttpStatement(request, url, engine.spoolFile)
    const result = await engine.run(statement)
    answer.result(result, bodyFor(result, statement), /^\s*INSERT\b/i.test(statement.sql))
  } catch (error) {
    answer.exception(asEngineError(error, engine.version))
  } finally {
    removeSpool(statement)
  }
}

function bodyFor(result: ChdbResult, { sql, defaultFormat, protocolVersion }: HttpStatement): Uint8Array {
  const bytes = result.bytes()
  const format = /\bFORMAT\s+(\w+)\s*;?\s*$/i.exec(sql)?.[1] ?? defaultFormat
  return format === 'Native' && protocolVersion > 0 ? nativeOfRevision(Buffer.from(bytes), protocolVersion) : bytes
}

function authenticate(request: IncomingMessage, url: URL, users: NonNullable<ServerSettings['users']>): void {
  const basic = /^Basic (.+)$/i.exec(request.headers.authorization ?? '')?.[1]
  const [name, password] =
    basic === undefined
      ? [
          request.headers['x-clickhouse-user'] ?? url.searchParams.get('user') ?? 'default',
          request.headers['x-clickhouse-key'] ?? url.searchParams.get('password') ?? '',
        ]
      : splitAtColon(Buffer.from(basic, 'base64').toString('utf8'))
  if (users.some(user => user.name === name && user.password === password)) return
  const why = 'Authentication failed: password is incorrect, or there is no user with such name.'
  throw new EngineError(
    516,
    `Code: 516. DB::Exception: ${name}: ${why} (AUTHENTICATION_FAILED) (version ${engine.version} (embedded build))`,
  )
}

function splitAtColon(text: string): [string, string] {
  const at = text.indexOf(':')
  return [text.slice(0, at), text.slice(at + 1)]
}

/** Statements that run end first, as on a server: the engine does not close beneath them. */
const stop = async (opened: Engine) => {
  server.close()
  await Promise.race([Promise.all(running), new Promise(resolve => setTimeout(resolve, longestStopMs))])
  if (running.size === 0) opened.close()
  process.exit(0)
}
process.on('SIGTERM', () => void stop(engine))
// Left alone by the process that started it.
process.on('disconnect', () => void stop(engine))

server.listen(settings.port ?? 0, '127.0.0.1', () => {
  process.stdout.write(`${JSON.stringify({ port: (server.address() as AddressInfo).port, version: engine.version })}\n`)
})
