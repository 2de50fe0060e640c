import type { lookup as lookupAddress } from 'node:dns'
import { type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { errnoOf, NinefoldError } from '../../lib/errors.ts'
import { isAllowedHost, type OutboundRules, publicLookup } from '../../lib/outbound.ts'
import type { StepFailure } from './step-failure.ts'

export interface StepRequest {
  readonly method: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

/** Whom a prober may ask. */
export interface ProbeRules extends OutboundRules {
  /** Name resolution; the system's by default. */
  readonly lookup?: typeof lookupAddress
}

export interface StepAnswer {
  readonly status: number
  /** The first `mostBodyBytes` of it. */
  readonly body: Buffer
  readonly isWhole: boolean
}

export type Sent = StepAnswer | StepFailure

/** Of an answer so much is looked into; the connection ends there. */
export const mostBodyBytes = 1024 * 1024

/**
 * Sends one request over a connection of its own and reads the answer, within bounds of time and size. Redirects are answers like others. A
 * connection to an address that is not public is refused when it is made, unless the host is allowed by name.
 */
export function sendRequest(request: StepRequest, rules: ProbeRules, signal: AbortSignal): Promise<Sent> {
  const { url } = request
  const send = url.protocol === 'https:' ? requestHttps : requestHttp
  const unsafe = () =>
    new NinefoldError('SYNTHETIC_UNSAFE_URL', `${url.host} resolves to an address that is not public`)
  return new Promise(resolve => {
    let phase: Phase = 'connect'
    const fail = (error: Error) => resolve(failureOf(error, phase, url, signal))
    try {
      const outgoing = send(url, { ...optionsOf(request), signal, ...lookupOf(url, rules, unsafe) })
      outgoing.on('socket', socket => {
        socket.once('connect', () => {
          phase = url.protocol === 'https:' ? 'tls' : 'connection'
        })
        socket.once('secureConnect', () => {
          phase = 'connection'
        })
      })
      outgoing.on('error', fail)
      outgoing.on('response', answer => readAnswer(answer, resolve, fail))
      outgoing.end(request.body)
    } catch (error) {
      // A path or a header that the protocol has no way to say.
      const message = `the request cannot be made: ${errnoOf(error) ?? 'invalid'}`
      resolve({ reason: 'request', message })
    }
  })
}

function optionsOf({ method, headers, body }: StepRequest): RequestOptions {
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
  return { method, headers: { ...headers, ...length }, agent: false }
}

function lookupOf(url: URL, rules: ProbeRules, unsafe: () => Error): RequestOptions {
  return isAllowedHost(url, rules) ? {} : { lookup: publicLookup(unsafe, rules.lookup) }
}

function readAnswer(answer: IncomingMessage, resolve: (sent: Sent) => void, fail: (error: Error) => void): void {
  const chunks: Buffer[] = []
  let bytes = 0
  const end = (isWhole: boolean) => {
    const body = Buffer.concat(chunks).subarray(0, mostBodyBytes)
    resolve({ status: answer.statusCode ?? 0, body, isWhole })
  }
  answer.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes <= mostBodyBytes) return
    end(false)
    answer.destroy()
  })
  answer.on('error', fail)
  answer.on('end', () => end(true))
}

/** How far a connection has come: an error in a phase is of its kind. */
type Phase = 'connect' | 'tls' | 'connection'

function failureOf(error: Error, phase: Phase, url: URL, signal: AbortSignal): StepFailure {
  if (signal.aborted) return { reason: 'timeout', message: `no whole answer from ${url.host} in time` }
  if (error instanceof NinefoldError) return { reason: 'refused', message: error.message }
  const code = errnoOf(error) ?? error.name
  if ('syscall' in error && error.syscall === 'getaddrinfo')
    return { reason: 'dns', message: `${url.hostname} has no address (${code})` }
  return { reason: phase, message: `${phaseTexts[phase]} ${url.host} (${code})` }
}

const phaseTexts: Readonly<Record<Phase, string>> = {
  connect: 'no connection to',
  tls: 'no TLS with',
  connection: 'the connection broke to',
}
