import { errnoOf, NinefoldError } from './errors.ts'

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
