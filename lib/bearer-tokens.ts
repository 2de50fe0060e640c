import { createHash, timingSafeEqual } from 'node:crypto'
import { type ErrorCode, NinefoldError } from './errors.ts'

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
