import { promisify } from 'node:util'
import { constants, gzip } from 'node:zlib'
import type { Clock } from '../../../lib/clock.ts'
import { NinefoldError } from '../../../lib/errors.ts'

export interface PostPayloadOptions {
  /** Base URL of the OTLP/HTTP door. */
  readonly endpoint: string
  readonly token?: string
  readonly clock: Clock
  readonly signal: AbortSignal
}

const compress = promisify(gzip)
const attempts = 20
const firstPauseMs = 250
const longestPauseMs = 5000

/**
 * Posts an Export request and waits while the door asks for patience (429, 503 with Retry-After) or is not there.
 * @throws DEMO_HISTORY_REFUSED when it is refused, or the door does not take it after all attempts.
 */
export async function postPayload(
  signal: 'traces' | 'logs',
  payload: Uint8Array,
  options: PostPayloadOptions,
): Promise<void> {
  const body = await compress(payload, { level: constants.Z_BEST_SPEED })
  let problem = ''
  for (let attempt = 0; attempt < attempts && !options.signal.aborted; attempt++) {
    const answer = await attemptPost(signal, body, options)
    if (answer.kind === 'taken') return
    problem = answer.problem
    if (answer.kind === 'refused') break
    const pauseMs = answer.afterMs ?? Math.min(firstPauseMs * 2 ** attempt, longestPauseMs)
    await options.clock.sleep(pauseMs, options.signal)
  }
  options.signal.throwIfAborted()
  throw new NinefoldError('DEMO_HISTORY_REFUSED', `/v1/${signal} did not take the history: ${problem}`)
}

type Answer =
  | { readonly kind: 'taken' }
  | { readonly kind: 'refused'; readonly problem: string }
  | { readonly kind: 'later'; readonly problem: string; readonly afterMs: number | undefined }

async function attemptPost(signal: string, body: Uint8Array, options: PostPayloadOptions): Promise<Answer> {
  const headers: Record<string, string> = { 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip' }
  if (options.token !== undefined) headers.authorization = `Bearer ${options.token}`
  let response: Response
  try {
    response = await fetch(`${options.endpoint}/v1/${signal}`, {
      method: 'POST',
      headers,
      body: Buffer.from(body),
      signal: options.signal,
    })
  } catch (error) {
    if (options.signal.aborted) throw error
    return { kind: 'later', problem: error instanceof Error ? error.message : String(error), afterMs: undefined }
  }
  const answered = Buffer.from(await response.arrayBuffer())
  // An answer with a body is a partial success: the history has nothing to be rejected, so that is a fault of ours.
  if (response.status === 200 && answered.length === 0) return { kind: 'taken' }
  const problem = `status ${response.status} ${printable(answered)}`.trim()
  if (response.status !== 429 && response.status < 500) return { kind: 'refused', problem }
  return { kind: 'later', problem, afterMs: retryAfterMs(response.headers.get('retry-after')) }
}

/** Errors come as google.rpc.Status in protobuf: what can be read of it is enough for a message. */
const printable = (bytes: Buffer) => bytes.toString('latin1').replaceAll(/[^\x20-\x7e]+/g, ' ')

function retryAfterMs(header: string | null): number | undefined {
  const seconds = Number(header ?? Number.NaN)
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined
}
