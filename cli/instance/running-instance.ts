import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ErrorCode, errnoOf, NinefoldError } from '../../lib/errors.ts'

/** What a running instance leaves in its data directory, so that other commands find its API. */
export interface InstanceFile {
  readonly pid: number
  readonly apiUrl: string
}

const fileName = 'instance.json'

export function writeInstanceFile(dataDirectory: string, instance: InstanceFile): void {
  writeFileSync(join(dataDirectory, fileName), `${JSON.stringify(instance)}\n`)
}

export function removeInstanceFile(dataDirectory: string): void {
  rmSync(join(dataDirectory, fileName), { force: true })
}

function readInstanceFile(dataDirectory: string): InstanceFile | undefined {
  try {
    return JSON.parse(readFileSync(join(dataDirectory, fileName), 'utf8')) as InstanceFile
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errnoOf(error) ?? '') || error instanceof SyntaxError) return undefined
    throw error
  }
}

function isAlive(pid: number): boolean {
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

export interface ApiClient {
  get(path: string): Promise<unknown>
  /** @param body sent as JSON; what takes long (a replay of the past) is waited for. */
  post(path: string, body?: unknown): Promise<unknown>
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
  const call = async (method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown): Promise<unknown> => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const timeoutMs = body === undefined ? timeouts.shortMs : timeouts.longMs
    const sent = body === undefined ? {} : { body: JSON.stringify(body) }
    let response: Response
    try {
      response = await fetch(new URL(path, apiUrl), {
        method,
        headers,
        signal: AbortSignal.timeout(timeoutMs),
        ...sent,
      })
    } catch (error) {
      throw new NinefoldError('NOT_RUNNING', `no answer from ${apiUrl}`, { cause: error })
    }
    const reply: unknown = await response.json().catch(() => null)
    if (response.ok) return reply
    const detail =
      reply !== null && typeof reply === 'object' && 'detail' in reply
        ? String(reply.detail)
        : `status ${response.status}`
    throw new NinefoldError(refusals[response.status] ?? 'API_BAD_REQUEST', detail)
  }
  return {
    get: path => call('GET', path),
    post: (path, body) => call('POST', path, body),
    put: (path, body) => call('PUT', path, body),
  }
}
