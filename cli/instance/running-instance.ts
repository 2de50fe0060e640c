import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ErrorCode, errnoOf, NinefoldError } from '../../lib/errors.ts'

/** What a running instance leaves in its data directory, so that other commands find its API. */
export interface InstanceFile {
  readonly pid: number
  readonly apiUrl: string
  /** The folder of specs that it follows; null when it follows none. */
  readonly specs: string | null
}

const fileName = 'instance.json'

export function writeInstanceFile(dataDirectory: string, instance: InstanceFile): void {
  writeFileSync(join(dataDirectory, fileName), `${JSON.stringify(instance)}\n`)
}

/** Another that runs on the same directory keeps its own. */
export function removeInstanceFile(dataDirectory: string, { pid, apiUrl }: Omit<InstanceFile, 'specs'>): void {
  const left = readInstanceFile(dataDirectory)
  if (left?.pid === pid && left.apiUrl === apiUrl) rmSync(join(dataDirectory, fileName), { force: true })
}

function readInstanceFile(dataDirectory: string): InstanceFile | undefined {
  try {
    return JSON.parse(readFileSync(join(dataDirectory, fileName), 'utf8')) as InstanceFile
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errnoOf(error) ?? '') || error instanceof SyntaxError) return undefined
    throw error
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return errnoOf(error) === 'EPERM'
  }
}

/** The API of the instance that runs on this data directory, or undefined when none runs. */
export function findInstance(dataDirectory: string): InstanceFile | undefined {
  const instance = readInstanceFile(dataDirectory)
  return instance !== undefined && isAlive(instance.pid) ? instance : undefined
}

/** Who waits for a long answer: is told how much is done (0 to 1), and may give up. */
export interface Waiting {
  progress(share: number): void
  readonly signal: AbortSignal
}

export interface ApiClient {
  get(path: string): Promise<unknown>
  /** @param body sent as JSON; what takes long (a replay of the past) is waited for. */
  post(path: string, body?: unknown, waiting?: Waiting): Promise<unknown>
  put(path: string, body: unknown): Promise<unknown>
}

const refusals: Readonly<Record<number, ErrorCode>> = {
  404: 'API_NOT_FOUND',
  409: 'SPECS_CONFLICT',
  422: 'SPECS_INVALID',
}
const timeouts = { shortMs: 30_000, longMs: 3_600_000 }

/** Talks to a running instance. @throws NOT_RUNNING when it does not answer, API_BAD_REQUEST with its own words when it refuses. */
export function createApiClient(apiUrl: string, token: string | undefined): ApiClient {
  const call = async (method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown, waiting?: Waiting) => {
    const headers = {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(waiting === undefined ? {} : { accept: linesType }),
    }
    const timeout = AbortSignal.timeout(body === undefined ? timeouts.shortMs : timeouts.longMs)
    const signal = waiting === undefined ? timeout : AbortSignal.any([timeout, waiting.signal])
    const sent = body === undefined ? {} : { body: JSON.stringify(body) }
    try {
      const response = await fetch(new URL(path, apiUrl), { method, headers, signal, ...sent })
      const isLines = response.headers.get('content-type') === linesType
      const reply = isLines ? await lastLine(response, waiting) : await response.json().catch(() => null)
      return { status: response.status, reply }
    } catch (error) {
      waiting?.signal.throwIfAborted()
      throw new NinefoldError('NOT_RUNNING', `no answer from ${apiUrl}`, { cause: error })
    }
  }
  const answered = async (...args: Parameters<typeof call>): Promise<unknown> => {
    const { status, reply } = await call(...args)
    if (hasField(reply, 'reply')) return reply.reply
    const problem = hasField(reply, 'problem') ? reply.problem : reply
    if (problem === reply && status < 400) return reply
    const detail = hasField(problem, 'detail') ? String(problem.detail) : `status ${status}`
    const refused = hasField(problem, 'status') ? Number(problem.status) : status
    throw new NinefoldError(refusals[refused] ?? 'API_BAD_REQUEST', detail)
  }
  return {
    get: path => answered('GET', path),
    post: (path, body, waiting) => answered('POST', path, body, waiting),
    put: (path, body) => answered('PUT', path, body),
  }
}

const linesType = 'application/x-ndjson'

/** Reads an answer that tells its progress; the last line is what came of it. */
async function lastLine(response: Response, waiting: Waiting | undefined): Promise<unknown> {
  let last: unknown = null
  let rest = ''
  for await (const text of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const lines = `${rest}${text}`.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      last = JSON.parse(line)
      if (hasField(last, 'progress')) waiting?.progress(Number(last.progress))
    }
  }
  return last
}

function hasField<K extends string>(value: unknown, field: K): value is Record<K, unknown> {
  return value !== null && typeof value === 'object' && field in value
}
