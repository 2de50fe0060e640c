import { NinefoldError } from '../../lib/errors.ts'
import { type OutboundRules, outboundProblem } from '../../lib/outbound.ts'

/**
 * What can be said of a receiver's address without asking DNS.
 * @throws NOTIFY_UNSAFE_URL
 */
export function checkReceiver(address: string, rules: OutboundRules): URL {
  if (!URL.canParse(address)) throw unsafe(address, 'is not a URL')
  const url = new URL(address)
  const problem = outboundProblem(url, rules)
  if (problem !== undefined) throw unsafe(url.host, problem)
  return url
}

export function unsafe(host: string, why: string): NinefoldError {
  return new NinefoldError('NOTIFY_UNSAFE_URL', `the receiver ${host} ${why}`)
}
