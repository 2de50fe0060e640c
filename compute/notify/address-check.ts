import { BlockList, isIP } from 'node:net'
import { NinefoldError } from '../../lib/errors.ts'

/** Networks that are not the public internet (IANA special-purpose registries), so no receiver of ours. */
const blockedV4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
]
const blockedV6: readonly (readonly [string, number])[] = [
  ['::', 96],
  ['::ffff:0:0', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
]

export interface ReceiverRules {
  /** `host` or `host:port` that may be private, loopback or plain http: a stub, a relay inside the network. */
  readonly allowHosts: readonly string[]
}

/** True for an address of the public internet; an IPv4 address written as IPv6 is none. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address)
  if (family === 0) return false
  // A list of its own a family: one for both would take every IPv4 address for its IPv6 form.
  const list = new BlockList()
  const type = family === 4 ? 'ipv4' : 'ipv6'
  for (const [network, prefix] of family === 4 ? blockedV4 : blockedV6) list.addSubnet(network, prefix, type)
  return !list.check(address, type)
}

export function isAllowedHost(url: URL, rules: ReceiverRules): boolean {
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port
  return rules.allowHosts.some(host => host === url.hostname || host === `${url.hostname}:${port}`)
}

/**
 * What can be said of a receiver's address without asking DNS; names are checked again at every connection, by their addresses.
 * @throws NOTIFY_UNSAFE_URL
 */
export function checkReceiver(address: string, rules: ReceiverRules): URL {
  if (!URL.canParse(address)) throw unsafe(address, 'is not a URL')
  const url = new URL(address)
  if (url.username !== '' || url.password !== '') throw unsafe(url.host, 'carries credentials')
  if (isAllowedHost(url, rules) && (url.protocol === 'https:' || url.protocol === 'http:')) return url
  if (url.protocol !== 'https:') throw unsafe(url.host, 'is not https')
  const literal = url.hostname.replace(/^\[|\]$/g, '')
  if (isIP(literal) !== 0 && !isPublicAddress(literal)) throw unsafe(url.host, 'is not a public address')
  if (/(^|\.)localhost\.?$/.test(url.hostname)) throw unsafe(url.host, 'is not a public address')
  return url
}

export function unsafe(host: string, why: string): NinefoldError {
  return new NinefoldError('NOTIFY_UNSAFE_URL', `the receiver ${host} ${why}`)
}
