import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { ClickHouseClient } from '@clickhouse/client'

/** Parameters up to about this length travel in the URL; beyond, in a form, because proxies bound a URL to some kilobytes. */
const longestUrlParams = 4096

/** What an exception looks like in a body whose status was sent before it happened. */
const exceptionText = /Code: \d+\. DB::Exception: [\s\S]*/

interface RemoteStatement {
  readonly query: string
  readonly query_params: Record<string, unknown>
  readonly abort_signal?: AbortSignal
}

/**
 * Runs a statement that returns no rows on a server. The client takes the status for the outcome; but a server that has begun to report
 * progress has sent its 200 already, and tells a later failure in the body only: so the body is read, and an exception in it is thrown.
 */
export async function runRemote(client: ClickHouseClient, statement: RemoteStatement): Promise<void> {
  if (paramsLength(statement.query_params) <= longestUrlParams)
    return throwLateException(await text((await client.exec(statement)).stream))
  const result = await client.query({ ...statement, format: 'JSONEachRow', use_multipart_params: true })
  throwLateException(await result.text())
}

function paramsLength(params: Readonly<Record<string, unknown>>): number {
  const lengthOf = (value: unknown): number =>
    Array.isArray(value) ? value.reduce((sum: number, item) => sum + lengthOf(item) + 3, 2) : String(value).length
  return Object.entries(params).reduce((sum, [name, value]) => sum + name.length + lengthOf(value), 0)
}

/** An INSERT whose data follow the statement in the body: neither the statement nor its schema has to fit into a URL. */
export async function insertRemote(
  client: ClickHouseClient,
  query: string,
  data: AsyncIterable<Buffer> | Iterable<Buffer>,
): Promise<void> {
  const body = async function* () {
    yield Buffer.from(`${query}\n`)
    yield* data
  }
  const { stream } = await client.exec({ query: '', values: Readable.from(body(), { objectMode: false }) })
  throwLateException(await text(stream))
}

function throwLateException(body: string): void {
  const exception = exceptionText.exec(body)
  if (exception !== null) throw new Error(exception[0])
}
