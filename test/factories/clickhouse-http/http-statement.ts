import { createWriteStream } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib'
import { EngineError } from './engine-error.ts'
import { splitStatement } from './split-statement.ts'

/** A request as the engine takes it. */
export interface HttpStatement {
  readonly sql: string
  readonly data: { readonly file: string; readonly format: string; readonly inputAt: number | undefined } | undefined
  readonly settings: readonly (readonly [string, string])[]
  readonly params: readonly (readonly [string, string])[]
  readonly database: string | undefined
  readonly sessionId: string | undefined
  readonly defaultFormat: string
  /** What the client says it reads of format Native; 0 when it says nothing. */
  readonly protocolVersion: number
}

/** As max_query_size of a server. */
const largestStatement = 256 * 1024

/** Names in a URL that are the interface's own, not settings of the engine. */
const ownNames = new Set(
  'query query_id database default_format session_id session_timeout session_check close_session user password quota_key role stacktrace compress decompress wait_end_of_query buffer_size enable_http_compression http_zlib_compression_level send_progress_in_http_headers http_headers_progress_interval_ms http_response_buffer_size client_protocol_version'.split(
    ' ',
  ),
)

/** Reads the statement from `query=` and the body (the one goes before the other), leaving an INSERT's data in a file. */
export async function readHttpStatement(
  request: IncomingMessage,
  url: URL,
  spoolFile: () => string,
): Promise<HttpStatement> {
  for (const name of ['compress', 'decompress']) {
    if (url.searchParams.get(name) === '1')
      throw new EngineError(
        48,
        `Code: 48. DB::Exception: this test server does not speak ClickHouse's own compression (${name}=1). (NOT_IMPLEMENTED)`,
      )
  }
  const parts = await readParts(request)
  const search = [...url.searchParams, ...parts.fields]
  const params = search.filter(([name]) => name.startsWith('param_'))
  const settings = search.filter(([name]) => !name.startsWith('param_') && !ownNames.has(name))
  // GET never changes anything, as on a server.
  if (request.method === 'GET') settings.push(['readonly', '2'])
  const inUrl = search.findLast(([name]) => name === 'query')?.[1]
  const statement = await readStatement(inUrl, parts.body, spoolFile)
  return {
    ...statement,
    params,
    settings,
    database: url.searchParams.get('database') ?? header(request, 'x-clickhouse-database'),
    sessionId: url.searchParams.get('session_id') ?? undefined,
    defaultFormat: url.searchParams.get('default_format') ?? header(request, 'x-clickhouse-format') ?? 'TabSeparated',
    protocolVersion: Number(url.searchParams.get('client_protocol_version') ?? 0),
  }
}

const header = (request: IncomingMessage, name: string) => {
  const value = request.headers[name]
  return typeof value === 'string' ? value : undefined
}

/** The body after its content encoding; of a form, its fields. */
async function readParts(
  request: IncomingMessage,
): Promise<{ fields: [string, string][]; body: Readable | undefined }> {
  const body = decoded(request)
  const boundary = /^multipart\/form-data;\s*boundary="?([^";]+)"?/i.exec(request.headers['content-type'] ?? '')?.[1]
  if (boundary === undefined) return { fields: [], body }
  const chunks: Buffer[] = []
  for await (const chunk of body) chunks.push(chunk as Buffer)
  const fields = Buffer.concat(chunks)
    .toString('utf8')
    .split(`--${boundary}`)
    .flatMap((part): [string, string][] => {
      const found =
        /^\r\nContent-Disposition: form-data; name="([^"]+)"[^\r]*(?:\r\n[^\r]+)*\r\n\r\n([\s\S]*)\r\n$/i.exec(part)
      return found === null ? [] : [[found[1] ?? '', found[2] ?? '']]
    })
  return { fields, body: undefined }
}

function decoded(request: IncomingMessage): Readable {
  const encoding = request.headers['content-encoding'] ?? 'identity'
  const decoders = {
    gzip: createGunzip,
    deflate: createInflate,
    zstd: createZstdDecompress,
    br: createBrotliDecompress,
  }
  if (encoding === 'identity') return request
  const decoder = Object.entries(decoders).find(([name]) => name === encoding)?.[1]()
  if (decoder === undefined)
    throw new EngineError(48, `Code: 48. DB::Exception: Unknown compression method: ${encoding}. (NOT_IMPLEMENTED)`)
  request.on('error', error => decoder.destroy(error))
  return request.pipe(decoder)
}

async function readStatement(
  inUrl: string | undefined,
  body: Readable | undefined,
  spoolFile: () => string,
): Promise<Pick<HttpStatement, 'sql' | 'data'>> {
  const chunks: Buffer[] = inUrl === undefined || inUrl === '' ? [] : [Buffer.from(`${inUrl}\n`)]
  const iterator = body?.[Symbol.asyncIterator]()
  let ended = iterator === undefined
  let length = chunks[0]?.length ?? 0
  while (!ended && length <= largestStatement) {
    const next = await iterator?.next()
    ended = next === undefined || next.done === true
    if (next !== undefined && next.done !== true) {
      chunks.push(next.value as Buffer)
      length += (next.value as Buffer).length
    }
  }
  const head = Buffer.concat(chunks)
  const { sql, dataFormat, dataAt, inputAt } = splitStatement(head.toString('latin1'))
  const utf8 = Buffer.from(sql, 'latin1').toString('utf8')
  const rest = head.subarray(dataAt)
  if (dataFormat === undefined || (ended && rest.toString('latin1').trim() === '' && inputAt === undefined)) {
    if (!ended)
      throw new EngineError(62, 'Code: 62. DB::Exception: Syntax error: Max query size exceeded. (SYNTAX_ERROR)')
    return { sql: dataFormat === undefined ? utf8 : Buffer.from(head).toString('utf8'), data: undefined }
  }
  const file = spoolFile()
  const remaining = async function* () {
    yield rest
    while (!ended) {
      const next = await iterator?.next()
      if (next === undefined || next.done === true) return
      yield next.value as Buffer
    }
  }
  await pipeline(remaining, createWriteStream(file))
  const inputInText =
    inputAt === undefined ? undefined : Buffer.from(sql.slice(0, inputAt), 'latin1').toString('utf8').length
  return { sql: utf8, data: { file, format: dataFormat, inputAt: inputInText } }
}
