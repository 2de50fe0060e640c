import type { RequestHandler } from 'express'
import { createTokenCheck, isLoopback } from '../../lib/access.ts'
import { NinefoldError } from '../../lib/errors.ts'

/** Lets in who sends one of the tokens; without tokens, everybody. */
export function bearerAccess(tokens: readonly string[] | null): RequestHandler {
  const check = createTokenCheck(tokens, 'API_UNAUTHENTICATED')
  return (request, _response, next) => {
    check(request.headers.authorization)
    next()
  }
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
