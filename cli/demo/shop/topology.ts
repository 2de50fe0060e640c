import { createHash } from 'node:crypto'

/** Where the demo's shop runs: two regions, three zones, one cluster a region, two nodes a zone, two pods a service and zone. */

export const serviceNames = ['storefront', 'cart', 'checkout', 'payments'] as const
export type ServiceName = (typeof serviceNames)[number]

/** What the shop runs when nobody rolls out anything. */
export const currentVersions: Readonly<Record<ServiceName, string>> = {
  storefront: '2.8.0',
  cart: '1.9.2',
  checkout: '1.4.0',
  payments: '3.1.0',
}

export interface Zone {
  readonly name: string
  readonly region: string
  readonly cluster: string
  /** Share of all requests that enter the shop here; the shares sum to 1. */
  readonly share: number
}

export const zones: readonly Zone[] = [
  { name: 'eu-west-1a', region: 'eu-west-1', cluster: 'shop-eu', share: 0.4 },
  { name: 'eu-west-1b', region: 'eu-west-1', cluster: 'shop-eu', share: 0.3 },
  { name: 'us-east-1a', region: 'us-east-1', cluster: 'shop-us', share: 0.3 },
]

/** Header by which a request stays in the zone in which it entered the shop. */
export const zoneHeader = 'x-shop-zone'

/** Ports of the services on this machine, empty until all are up. */
export type Peers = ReadonlyMap<ServiceName, number>

export const podsPerZone = 2
/** The sidecar through which every call to another service leaves its pod. */
export const sidecarContainer = 'envoy'

export interface PodIdentity {
  readonly service: ServiceName
  readonly version: string
  readonly zone: Zone
  /** 0-based, below `podsPerZone`. */
  readonly ordinal: number
}

/** The zone of a position in [0, 1): each zone owns as much of the line as its share. */
export function zoneAt(position: number): Zone {
  let passed = 0
  for (const zone of zones) {
    passed += zone.share
    if (position < passed) return zone
  }
  return lastZone()
}

/** @throws RangeError when the shop has no such zone. */
export function zoneNamed(name: string): Zone {
  const zone = zones.find(candidate => candidate.name === name)
  if (zone === undefined) throw new RangeError(`the shop has no zone ${name}`)
  return zone
}

function lastZone(): Zone {
  const zone = zones.at(-1)
  if (zone === undefined) throw new RangeError('the shop has no zones')
  return zone
}

/** A pod's name as a Kubernetes deployment makes it: deployment, hash of the template, own suffix. Stable between runs. */
export function podName({ service, version, zone, ordinal }: PodIdentity): string {
  const digest = (text: string, length: number) => createHash('sha256').update(text).digest('hex').slice(0, length)
  return `${service}-${digest(`${service}/${version}`, 9)}-${digest(`${version}/${zone.name}/${ordinal}`, 5)}`
}

/** Resource attributes of one container of a pod, by OpenTelemetry's semantic conventions. */
export function resourceAttributes(pod: PodIdentity, container: string): Record<string, string> {
  const name = podName(pod)
  return {
    'service.name': pod.service,
    'service.namespace': 'shop',
    'service.version': pod.version,
    'service.instance.id': `${name}/${container}`,
    'deployment.environment.name': 'production',
    'cloud.region': pod.zone.region,
    'cloud.availability_zone': pod.zone.name,
    'k8s.cluster.name': pod.zone.cluster,
    'k8s.namespace.name': 'shop',
    'k8s.deployment.name': pod.service,
    'k8s.node.name': `${pod.zone.name}-node-${pod.ordinal + 1}`,
    'k8s.pod.name': name,
    'k8s.container.name': container,
    'process.executable.name': container === sidecarContainer ? sidecarContainer : 'node',
  }
}
