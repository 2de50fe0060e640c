import type { lookup as lookupAddress } from 'node:dns'
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isAllowedHost, type OutboundRules, publicLookup } from '../../lib/outbound.ts'
import { unsafe } from './receiver.ts'

export interface Answer {
  readonly status: number
  readonly retryAfter: string | undefined
  /** The first few thousand characters. */
  readonly text: string
}

const longestAnswer = 4000

export interface PostOptions extends OutboundRules {
  readonly timeoutMs: number
  /** Name resolution; the system's by default. */
  readonly lookup?: typeof lookupAddress
}

/**
 * Posts JSON and reads the answer. Redirects are not followed, and a connection to a private address is refused at the moment it
 * is made, so that a name that changes its address between a check and the connection gains nothing.
 * @throws NOTIFY_UNSAFE_URL, or what the network throws.
 */
export function postJson(url: URL, body: string, options: PostOptions): Promise<Answer> {
  const bytes = Buffer.from(body, 'utf8')
  const send = url.protocol === 'https:' ? requestHttps : requestHttp
  return new Promise((resolve, reject) => {
    const outgoing = send(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': bytes.length, accept: 'application/json' },
      signal: AbortSignal.timeout(options.timeoutMs),
      agent: false,
      ...(isAllowedHost(url, options)
        ? {}
        : {
            lookup: publicLookup(() => unsafe(url.host, 'resolves to an address that is not public'), options.lookup),
          }),
    })
    outgoing.on('error', reject)
    outgoing.on('response', answer => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (chunk: string) => {
        if (text.length < longestAnswer) text += chunk.slice(0, longestAnswer - text.length)
      })
      answer.on('error', reject)
      answer.on('end', () => {
        resolve({ status: answer.statusCode ?? 0, retryAfter: answer.headers['retry-after'], text })
      })
    })
    outgoing.end(bytes)
  })
}
