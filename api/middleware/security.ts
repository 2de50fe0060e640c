import { createHash, timingSafeEqual } from 'node:crypto'
import type { RequestHandler } from 'express'
import { NinefoldError } from '../../lib/errors.ts'

/** No inline script, nothing from other hosts, no framing, no sniffing. */
export const securityHeaders: RequestHandler = (_request, response, next) => {
  response.set({
    'content-security-policy':
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
  })
  next()
}

const digest = (text: string) => createHash('sha256').update(text).digest()

/** Asks for one of the tokens, compared in constant time; null asks for none. */
export function requireToken(tokens: readonly string[] | null): RequestHandler {
  const digests = tokens?.map(digest)
  return (request, _response, next) => {
    if (digests === undefined) return next()
    const given = digest(/^Bearer (.+)$/i.exec(request.get('authorization') ?? '')?.[1] ?? '')
    const known = digests.map(expected => timingSafeEqual(expected, given)).includes(true)
    next(known ? undefined : new NinefoldError('API_UNAUTHENTICATED', 'a bearer token is needed'))
  }
}

const loopbackHosts = new Set(['localhost', '127.0.0.1', '[::1]'])

/**
 * On loopback without tokens, the browser is the way in for others: a page of another site may not post, and a name that was made to point
 * here (DNS rebinding) is not answered.
 */
export function guardLoopback(enabled: boolean): RequestHandler {
  return (request, _response, next) => {
    if (!enabled) return next()
    const host = (request.get('host') ?? '').replace(/:\d+$/, '')
    const origin = request.get('origin')
    const foreign = origin !== undefined && !loopbackHosts.has(URL.canParse(origin) ? new URL(origin).hostname : '')
    if (loopbackHosts.has(host) && !(foreign && request.method !== 'GET')) return next()
    next(new NinefoldError('API_UNAUTHENTICATED', 'requests from other hosts and sites need a token'))
  }
}
