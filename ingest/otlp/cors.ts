import type { RequestHandler } from 'express'

export interface CorsOptions {
  /** Origins such as `https://shop.example`, `https://*.shop.example`, or `*` for every page. */
  readonly origins: readonly string[]
  /** Request headers a page may send beyond content-type, content-encoding and authorization. */
  readonly headers: readonly string[]
  /** How long a browser may remember the answer to a preflight. */
  readonly maxAgeSeconds: number
}

const alwaysAllowed = ['content-type', 'content-encoding', 'authorization']

function originMatcher(pattern: string): (origin: string) => boolean {
  if (pattern === '*') return () => true
  const source = pattern.split('*').map(part => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'))
  const expression = new RegExp(`^${source.join('[A-Za-z0-9.-]+')}$`)
  return origin => expression.test(origin)
}

/**
 * Lets the configured pages post from a browser. A preflight is answered here; another page gets no permission header, which
 * makes its browser keep the request back. Null leaves browsers out.
 */
export function createCors(options: CorsOptions | null): RequestHandler {
  if (options === null) return (_request, _response, next) => next()
  const matchers = options.origins.map(originMatcher)
  const allowed = [...alwaysAllowed, ...options.headers].join(', ')
  return (request, response, next) => {
    const origin = request.headers.origin
    response.vary('Origin')
    if (origin === undefined || !matchers.some(matches => matches(origin))) return next()
    response.setHeader('access-control-allow-origin', origin)
    response.setHeader('access-control-expose-headers', 'retry-after')
    if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined) return next()
    response.setHeader('access-control-allow-methods', 'POST')
    response.setHeader('access-control-allow-headers', allowed)
    response.setHeader('access-control-max-age', String(options.maxAgeSeconds))
    response.status(204).end()
  }
}
