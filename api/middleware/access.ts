import { createHash, timingSafeEqual } from 'node:crypto'
import type { RequestHandler } from 'express'
import { NinefoldError } from '../../lib/errors.ts'

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/**
 * Lets in who sends one of the tokens; without tokens, everybody. Digests are of equal length and all are compared always, so
 * that the time taken tells nothing about any token.
 */
export function bearerAccess(tokens: readonly string[] | null): RequestHandler {
  const digests = (tokens ?? []).map(digest)
  return (request, _response, next) => {
    if (tokens === null) return next()
    const offered = /^bearer +(\S+)\s*$/i.exec(request.headers.authorization ?? '')?.[1]
    const candidate = digest(offered ?? '')
    let matches = 0
    for (const known of digests) matches += timingSafeEqual(known, candidate) ? 1 : 0
    if (offered !== undefined && matches > 0) return next()
    const what = offered === undefined ? 'no bearer token was sent' : 'the bearer token is not known'
    throw new NinefoldError('API_UNAUTHENTICATED', what)
  }
}

const loopbackNames = new Set(['localhost', '::1', '[::1]', '::ffff:127.0.0.1'])

/** Whether an address or host name means this machine only. */
export function isLoopback(host: string): boolean {
  return loopbackNames.has(host) || /^127(?:\.\d{1,3}){3}$/.test(host)
}

/**
 * Without tokens, the address is the only lock: a page of another site that has its name point at 127.0.0.1 must not read
 * anything, so the Host header has to be loopback or one of `hosts`.
 */
export function knownHost(tokens: readonly string[] | null, hosts: readonly string[]): RequestHandler {
  return (request, _response, next) => {
    if (tokens !== null || isLoopback(request.hostname) || hosts.includes(request.hostname)) return next()
    throw new NinefoldError('API_FORBIDDEN', `${request.hostname} is not a name of this instance`)
  }
}

/** Browsers say where a request comes from; what changes something is taken from our own pages or from no page at all. */
export const sameOriginWrites: RequestHandler = (request, _response, next) => {
  const site = request.headers['sec-fetch-site']
  const origin = request.headers.origin
  const isOurs = site === undefined || site === 'same-origin' || site === 'none'
  const isOwnOrigin = origin === undefined || URL.parse(origin)?.host === request.headers.host
  if (request.method === 'GET' || request.method === 'HEAD' || (isOurs && isOwnOrigin)) return next()
  throw new NinefoldError('API_FORBIDDEN', 'the request comes from the page of another site')
}
