import { trafficFactor } from '../rhythm.ts'
import { currentVersions, type ServiceName } from '../shop/topology.ts'

/** What happened in the shop before the demo began: how many came, what was rolled out, what went wrong. */
export interface Timeline {
  /** When the demo first ran: incidents and deployments lie before it. Milliseconds since the epoch. */
  readonly anchorMs: number
  /** Where the history ends: history is denser in the hours before, so that the present does not dwarf it. */
  readonly endMs: number
  readonly seed: number
}

export const hourMs = 3_600_000
export const dayMs = 24 * hourMs

/** Orders an hour at the mean of the rhythm, by how many hours before the end they lie; thinner the older, as if sampled. */
const densities = [
  // Six hours at this rate keep the 6 h window of a 99.9 % SLO below its factor through the demo's bad deployment, and one hour
  // lets the 1 h window reach its factor half a minute into it: docs/guides/demo.md has the arithmetic.
  { hours: 6, ordersPerHour: 1600 },
  { hours: 24, ordersPerHour: 450 },
  { hours: Number.POSITIVE_INFINITY, ordersPerHour: 120 },
] as const

/** Visits without an order, per order. */
export const browsingPerOrder = 0.3
export const cartsPerOrder = 0.2

/** Orders in the hour that begins at `hourStartMs`: a whole number, the same for the same timeline. */
export function ordersInHour(timeline: Timeline, hourStartMs: number): number {
  const lastHour = Math.floor(timeline.endMs / hourMs) * hourMs
  const age = (lastHour - hourStartMs) / hourMs
  const density = densities.find(({ hours }) => age <= hours) ?? densities[2]
  const factor = trafficFactor(hourStartMs + hourMs / 2)
  if (density !== densities[0]) return Math.round(density.ordersPerHour * factor)
  // Scaled to the end's own hour, so that live traffic stands in the same proportion to the recent past at any hour of the day.
  const recent = Array.from({ length: density.hours + 1 }, (_, hours) =>
    trafficFactor(lastHour - hours * hourMs + hourMs / 2),
  )
  const mean = recent.reduce((sum, value) => sum + value, 0) / recent.length
  return Math.round((density.ordersPerHour * trafficFactor(timeline.endMs) * factor) / mean)
}

interface Incident {
  readonly service: ServiceName
  /** Null for all zones. */
  readonly zone: string | null
  readonly daysBefore: number
  readonly minutes: number
  /** Share of requests that fail. */
  readonly failureShare: number
  /** Times slower than usual. */
  readonly slowness: number
}

const incidents: readonly Incident[] = [
  {
    service: 'payments',
    zone: 'us-east-1a',
    daysBefore: 21.3,
    minutes: 40,
    failureShare: 0.12,
    slowness: 3,
  },
  { service: 'cart', zone: null, daysBefore: 16.1, minutes: 90, failureShare: 0, slowness: 9 },
  { service: 'checkout', zone: 'eu-west-1b', daysBefore: 9.2, minutes: 30, failureShare: 0.5, slowness: 1 },
  { service: 'storefront', zone: 'eu-west-1a', daysBefore: 5.4, minutes: 20, failureShare: 0.3, slowness: 1 },
]

/** Of healthy requests, one in so many fails anyway, in any service. */
const failsOneIn = 20_000

export interface Condition {
  readonly failureShare: number
  readonly slowness: number
}

const healthy: Condition = { failureShare: 1 / failsOneIn, slowness: 1 }

/** How a service was doing in a zone at a time. */
export function conditionAt(timeline: Timeline, service: ServiceName, zone: string, ms: number): Condition {
  for (const incident of incidents) {
    const startMs = timeline.anchorMs - incident.daysBefore * dayMs
    if (incident.service !== service || ms < startMs || ms >= startMs + incident.minutes * 60_000) continue
    if (incident.zone !== null && incident.zone !== zone) continue
    return { failureShare: Math.max(incident.failureShare, healthy.failureShare), slowness: incident.slowness }
  }
  return healthy
}

/** Versions before the current one, newest last; `daysBefore` is when each was replaced. */
const pastVersions: Readonly<
  Record<ServiceName, readonly { readonly version: string; readonly daysBefore: number }[]>
> = {
  storefront: [{ version: '2.7.0', daysBefore: 12.4 }],
  cart: [],
  checkout: [
    { version: '1.3.0', daysBefore: 17.2 },
    { version: '1.3.1', daysBefore: 6.3 },
  ],
  payments: [{ version: '3.0.4', daysBefore: 20.2 }],
}

/** The rollout that was the checkout's past incident, and was taken back. */
const pastBadVersion = '1.3.2'

/** What a service ran in a zone at a time. */
export function versionAt(timeline: Timeline, service: ServiceName, zone: string, ms: number): string {
  if (service === 'checkout' && conditionAt(timeline, service, zone, ms) !== healthy) return pastBadVersion
  for (const { version, daysBefore } of pastVersions[service])
    if (ms < timeline.anchorMs - daysBefore * dayMs) return version
  return currentVersions[service]
}
