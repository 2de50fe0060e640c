import { lookup as lookupAddress } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'

/** Networks that are not the public internet (IANA special-purpose registries), so nothing that specs or settings may make us call. */
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

/** Whom we may call (server-side request forgery). */
export interface OutboundRules {
  /** `host` or `host:port` that may be private, loopback or plain http: a stub, a relay, a Prometheus inside the network. */
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

export function isAllowedHost(url: URL, rules: OutboundRules): boolean {
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port
  return rules.allowHosts.some(host => host === url.hostname || host === `${url.hostname}:${port}`)
}

/**
 * What speaks against calling an address, as far as can be said without asking DNS; undefined when nothing does. Names are checked again at
 * every connection, by their addresses (`publicLookup`).
 */
export function outboundProblem(url: URL, rules: OutboundRules): string | undefined {
  if (url.username !== '' || url.password !== '') return 'carries credentials'
  if (isAllowedHost(url, rules) && (url.protocol === 'https:' || url.protocol === 'http:')) return undefined
  if (url.protocol !== 'https:') return 'is not https'
  const literal = url.hostname.replace(/^\[|\]$/g, '')
  if (isIP(literal) !== 0 && !isPublicAddress(literal)) return 'is not a public address'
  return /(^|\.)localhost\.?$/.test(url.hostname) ? 'is not a public address' : undefined
}

/**
 * Name resolution for a connection to a host that is not allowed by name: a private address is refused at the moment the connection is made,
 * so that a name that changes its address between a check and the connection gains nothing.
 * @param refused the error that the connection ends with.
 */
export function publicLookup(refused: () => Error, resolveName: typeof lookupAddress = lookupAddress): LookupFunction {
  return (hostname, options, callback) => {
    resolveName(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, '')
      const [first] = addresses
      if (first === undefined || !addresses.every(({ address }) => isPublicAddress(address)))
        return callback(refused(), '')
      if (options.all === true) callback(null, addresses)
      else callback(null, first.address, first.family)
    })
  }
}
