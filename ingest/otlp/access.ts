import { createHash, timingSafeEqual } from 'node:crypto'
import { NinefoldError } from '../../lib/errors.ts'

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/**
 * Checks the Authorization header against the tokens; null lets everybody in. Digests of equal length are compared in
 * constant time, all of them always, so that the time taken tells nothing about any token.
 */
export function createTokenCheck(tokens: readonly string[] | null): (authorization: string | undefined) => void {
  if (tokens === null) return () => undefined
  const digests = tokens.map(digest)
  return authorization => {
    const offered = /^bearer +(\S+)\s*$/i.exec(authorization ?? '')?.[1]
    const candidate = digest(offered ?? '')
    let matches = 0
    for (const known of digests) matches += timingSafeEqual(known, candidate) ? 1 : 0
    if (offered !== undefined && matches > 0) return
    const what = offered === undefined ? 'no bearer token was sent' : 'the bearer token is not known'
    throw new NinefoldError('OTLP_UNAUTHENTICATED', what)
  }
}

const loopback = new Set(['localhost', '::1', '::ffff:127.0.0.1'])

/** Whether an address is reachable from this machine only. */
export function isLoopback(host: string): boolean {
  return loopback.has(host) || /^127(?:\.\d{1,3}){3}$/.test(host)
}
