import { createHash, timingSafeEqual } from 'node:crypto'
import { type ErrorCode, errnoOf, NinefoldError } from './errors.ts'

/** Who may come in: addresses that a server may listen on, and the tokens it asks for. */

const loopbackNames = new Set(['localhost', '::1', '[::1]', '::ffff:127.0.0.1'])

/** Whether an address or host name means this machine only. */
export function isLoopback(host: string): boolean {
  return loopbackNames.has(host) || /^127(?:\.\d{1,3}){3}$/.test(host)
}

/** @throws LISTEN_WITHOUT_TOKENS for an address beyond loopback when there are no tokens. */
export function refuseOpenDoor(host: string, tokens: readonly string[] | null): void {
  if (tokens !== null || isLoopback(host)) return
  throw new NinefoldError('LISTEN_WITHOUT_TOKENS', `${host} can be reached by others, and nobody is asked for a token`)
}

/** Why a server could not listen, in our words. @param what whose port it is: `OTLP`, `API`, `metrics`. */
export function listenError(cause: unknown, what: string, host: string, port: number): NinefoldError {
  const errno = errnoOf(cause)
  if (errno === 'EADDRINUSE')
    return new NinefoldError('PORT_IN_USE', `${what} port ${port} on ${host} is taken`, { cause })
  return new NinefoldError('LISTEN_FAILED', `${what} cannot listen on ${host}, port ${port} (${errno ?? 'unknown'})`, {
    cause,
  })
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/**
 * Checks an Authorization header against the tokens; null lets everybody in. Digests of equal length are compared in constant time, all
 * of them always, so that the time taken tells nothing about any token.
 * @returns a check that throws an error with `code`.
 */
export function createTokenCheck(
  tokens: readonly string[] | null,
  code: ErrorCode,
): (authorization: string | undefined) => void {
  if (tokens === null) return () => undefined
  const digests = tokens.map(digest)
  return authorization => {
    const offered = /^bearer +(\S+)\s*$/i.exec(authorization ?? '')?.[1]
    const candidate = digest(offered ?? '')
    let matches = 0
    for (const known of digests) matches += timingSafeEqual(known, candidate) ? 1 : 0
    if (offered !== undefined && matches > 0) return
    throw new NinefoldError(code, offered === undefined ? 'no bearer token was sent' : 'the bearer token is not known')
  }
}
