import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { errnoOf, NinefoldError } from '../../lib/errors.ts'
import { isAllowedHost, type OutboundRules, outboundProblem, publicLookup } from '../../lib/outbound.ts'

export interface FormAnswer {
  readonly status: number
  readonly text: string
}

export interface FormOptions extends OutboundRules {
  readonly headers: Readonly<Record<string, string>>
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

const mostBytes = 32 * 1024 * 1024

/**
 * Posts a form and reads the whole answer, within bounds of time and size. Redirects are not followed.
 * @throws SOURCE_UNSAFE_URL, SOURCE_TOO_LARGE, SOURCE_UNREACHABLE.
 */
export async function postForm(
  url: URL,
  form: Readonly<Record<string, string>>,
  options: FormOptions,
): Promise<FormAnswer> {
  const problem = outboundProblem(url, options)
  if (problem !== undefined) throw unsafe(url, problem)
  try {
    return await exchange(url, new URLSearchParams(form).toString(), options)
  } catch (error) {
    if (error instanceof NinefoldError) throw error
    const why = options.signal.aborted ? 'stopped' : describe(error)
    throw new NinefoldError('SOURCE_UNREACHABLE', `${url.host}: ${why}`, { cause: error })
  }
}

function exchange(url: URL, body: string, options: FormOptions): Promise<FormAnswer> {
  const send = url.protocol === 'https:' ? requestHttps : requestHttp
  return new Promise((resolve, reject) => {
    const outgoing = send(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'content-length': Buffer.byteLength(body),
        accept: 'application/json',
        ...options.headers,
      },
      signal: AbortSignal.any([options.signal, AbortSignal.timeout(options.timeoutMs)]),
      agent: false,
      ...(isAllowedHost(url, options)
        ? {}
        : { lookup: publicLookup(() => unsafe(url, 'resolves to an address that is not public')) }),
    })
    outgoing.on('error', reject)
    outgoing.on('response', answer => {
      const chunks: Buffer[] = []
      let bytes = 0
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (bytes > mostBytes) {
          outgoing.destroy(
            new NinefoldError('SOURCE_TOO_LARGE', `${url.host}: the answer has more than ${mostBytes} bytes`),
          )
          return
        }
        chunks.push(chunk)
      })
      answer.on('error', reject)
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }))
    })
    outgoing.end(body)
  })
}

function unsafe(url: URL, why: string): NinefoldError {
  return new NinefoldError('SOURCE_UNSAFE_URL', `the source ${url.host} ${why}`)
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return 'no answer in time'
  return errnoOf(error) ?? error.message
}
