import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import type { ChdbResult } from 'chdb'
import type { EngineError } from './engine-error.ts'

/** HTTP status of an exception, as a server chooses it. */
function statusOf(code: number): number {
  if (code === 194) return 401
  if ([192, 193, 516, 497].includes(code)) return code === 497 ? 500 : 403
  if ([6, 26, 27, 38, 41, 53, 61, 62, 72, 117, 123, 131].includes(code)) return 400
  if ([46, 47, 50, 56, 60, 63, 81, 115].includes(code)) return 404
  if (code === 48) return 501
  if (code === 159) return 408
  return 500
}

const encoders = { gzip: gzipSync, deflate: deflateSync, zstd: zstdCompressSync, br: brotliCompressSync }

export interface Answer {
  /** @param body the result's bytes, as this client reads them. */
  result(result: ChdbResult, body: Uint8Array, wrote: boolean): void
  exception(error: EngineError): void
}

/**
 * Answers one statement. With `send_progress_in_http_headers` the status goes out as soon as the statement has run for the interval:
 * from then on an exception can only be told in the body, which is what a client has to be ready for.
 */
export function createAnswer(request: IncomingMessage, response: ServerResponse, url: URL, queryId: string): Answer {
  const tag = randomBytes(8).toString('hex')
  const started = performance.now()
  response.setHeader('X-ClickHouse-Query-Id', queryId)
  response.setHeader('X-ClickHouse-Server-Display-Name', 'test')
  response.setHeader('X-ClickHouse-Timezone', 'UTC')
  response.setHeader('X-ClickHouse-Exception-Tag', tag)
  response.setHeader('Keep-Alive', 'timeout=10')
  const compressed = url.searchParams.get('enable_http_compression') === '1'
  const accepted = (request.headers['accept-encoding'] ?? '').split(/,\s*/)
  const encoding = compressed ? Object.entries(encoders).find(([name]) => accepted.includes(name)) : undefined

  const writeEarly = () => {
    response.setHeader('X-ClickHouse-Progress', JSON.stringify({ read_rows: '0', elapsed_ns: elapsed() }))
    if (encoding !== undefined) response.setHeader('Content-Encoding', encoding[0])
    response.writeHead(200)
    response.flushHeaders()
  }
  const elapsed = () => String(Math.round((performance.now() - started) * 1e6))
  const progress = url.searchParams.get('send_progress_in_http_headers') === '1'
  const interval = Number(url.searchParams.get('http_headers_progress_interval_ms') ?? 100)
  const timer = progress ? setTimeout(writeEarly, interval) : undefined

  const end = (body: Uint8Array) => {
    clearTimeout(timer)
    if (encoding === undefined) return response.end(body)
    if (!response.headersSent) response.setHeader('Content-Encoding', encoding[0])
    response.end(encoding[1](body))
  }

  return {
    result: (result, body, wrote) => {
      if (!response.headersSent) {
        const [read, written] = wrote ? [0, result.rowsRead] : [result.rowsRead, 0]
        const summary = {
          read_rows: String(read),
          read_bytes: String(wrote ? 0 : result.bytesRead),
          written_rows: String(written),
          written_bytes: String(wrote ? result.bytesRead : 0),
          total_rows_to_read: '0',
          result_rows: String(wrote ? written : 0),
          result_bytes: String(body.length),
          elapsed_ns: elapsed(),
        }
        response.setHeader('X-ClickHouse-Summary', JSON.stringify(summary))
      }
      end(body)
    },
    exception: error => {
      if (response.headersSent) {
        const text = `${error.message.trimEnd()}\n`
        const length = Buffer.byteLength(text)
        return void end(Buffer.from(`\r\n__exception__\r\n${tag}\r\n${text}${length} ${tag}\r\n__exception__\r\n`))
      }
      response.statusCode = statusOf(error.engineCode)
      if (response.statusCode === 401)
        response.setHeader('WWW-Authenticate', 'Basic realm="ClickHouse server HTTP API"')
      response.setHeader('X-ClickHouse-Exception-Code', String(error.engineCode))
      response.setHeader('Content-Type', 'text/plain; charset=UTF-8')
      end(Buffer.from(`${error.message.trimEnd()}\n`))
    },
  }
}
