import { createRandom, type Random } from '../random.ts'
import {
  type PodIdentity,
  podsPerZone,
  type ServiceName,
  sidecarContainer,
  type Zone,
  zoneAt,
} from '../shop/topology.ts'
import { declinedEvery, latencySpread, type Operation, operations, productCount } from '../shop/work.ts'
import type { Payload } from './payload.ts'
import type { SpanIds } from './record-buffer.ts'
import type { Templates } from './templates.ts'
import {
  browsingPerOrder,
  type Condition,
  cartsPerOrder,
  conditionAt,
  hourMs,
  ordersInHour,
  type Timeline,
  versionAt,
} from './timeline.ts'

/** A part of an hour whose visits are wanted: those that begin in [fromMs, toMs). */
export interface HourPart {
  readonly hourStartMs: number
  readonly fromMs: number
  readonly toMs: number
}

export interface PastSinks {
  readonly spans: Payload
  readonly logs: Payload
  readonly templates: Templates
}

export interface PastCounts {
  spans: number
  logs: number
}

/** One visit in so many is kept with its client, sidecar and database spans; of the others only what servers saw. */
const detailedEvery = 20
/** One order in so many left its line in the log. */
const loggedEvery = 4
const gatewayFault = 502
const callees: ReadonlyMap<Operation, readonly Operation[]> = new Map<Operation, readonly Operation[]>([
  [operations.addToCart, [operations.putItem]],
  [operations.order, [operations.readCart, operations.checkOut]],
  [operations.checkOut, [operations.charge]],
])

/** Writes the visits of an hour's part into the payloads; the same spans for the same timeline, whatever else is written. */
export function writePastVisits(timeline: Timeline, part: HourPart, sinks: PastSinks): PastCounts {
  const counts = { spans: 0, logs: 0 }
  const orders = ordersInHour(timeline, part.hourStartMs)
  const random = createRandom(timeline.seed, part.hourStartMs / hourMs)
  const browsing = [operations.home, operations.product, operations.product]
  const kinds = [
    { count: orders, operationOf: () => operations.order },
    { count: Math.round(orders * cartsPerOrder), operationOf: () => operations.addToCart },
    {
      count: Math.round(orders * browsingPerOrder),
      operationOf: (at: number) => browsing[at % browsing.length] ?? operations.home,
    },
  ]
  for (const { count, operationOf } of kinds) {
    for (let at = 0; at < count; at++) {
      const startMs = part.hourStartMs + ((at + random.fraction()) / count) * hourMs
      const zone = zoneAt(random.fraction())
      // Each visit has numbers of its own, so that one more span in a visit does not change all that follow.
      const own = createRandom(random.bits())
      if (startMs < part.fromMs || startMs >= part.toMs) continue
      const kept = { detailed: at % detailedEvery === 0, logged: at % loggedEvery === 0 }
      const visit = new PastVisit({ timeline, zone, random: own, sinks, kept, counts })
      visit.serve(operationOf(at), startMs, null)
    }
  }
  return counts
}

/** How much of a visit is kept beside what its servers saw. */
interface Kept {
  readonly detailed: boolean
  readonly logged: boolean
}

interface PastVisitParts {
  readonly timeline: Timeline
  readonly zone: Zone
  readonly random: Random
  readonly sinks: PastSinks
  readonly kept: Kept
  readonly counts: PastCounts
}

class PastVisit {
  readonly #parts: PastVisitParts
  readonly #traceId: Uint8Array

  constructor(parts: PastVisitParts) {
    this.#parts = parts
    this.#traceId = this.#identifier(16)
  }

  /** A request to a service and all that follows from it; when it ended and with what status. */
  serve(operation: Operation, startMs: number, parentId: Uint8Array | null): { endMs: number; status: number } {
    const { service } = operation
    const pod = this.#pod(service, startMs)
    const condition = conditionAt(this.#parts.timeline, service, this.#parts.zone.name, startMs)
    const ids = this.#ids(parentId)
    const ownMs = this.#latency(operation.medianMs, condition)
    const id = operation === operations.product ? 1 + (this.#parts.random.bits() % productCount) : 1
    let atMs = startMs + ownMs / 2
    let { status } = operation
    if (this.#parts.random.fraction() < condition.failureShare) {
      status = 500
      this.#log(pod, ids, 'ERROR', `${operation.method} ${operation.route} failed`, atMs)
    } else {
      atMs = this.#useDatabase(operation, pod, ids.spanId, atMs, condition)
      for (const callee of callees.get(operation) ?? []) {
        const answer = this.#call(callee, pod, ids.spanId, atMs)
        atMs = answer.endMs
        if (answer.status >= 400) status = answer.status >= 500 ? gatewayFault : answer.status
        if (answer.status >= 400) break
      }
      if (operation === operations.charge && this.#parts.random.bits() % declinedEvery === 0) status = 402
    }
    const endMs = atMs + ownMs / 2
    this.#span(pod, service, ids, this.#parts.sinks.templates.server(operation, id, status), startMs, endMs)
    if (operation === operations.checkOut && status < 400 && this.#parts.kept.logged)
      this.#log(pod, ids, 'INFO', 'order placed', endMs)
    return { endMs, status }
  }

  #call(operation: Operation, pod: PodIdentity, parentId: Uint8Array, atMs: number) {
    if (!this.#parts.kept.detailed) return this.serve(operation, atMs, parentId)
    const outer = this.#ids(parentId)
    const inner = this.#ids(outer.spanId)
    const proxyMs = this.#latency(0.4, { failureShare: 0, slowness: 1 })
    const answer = this.serve(operation, atMs + proxyMs, inner.spanId)
    const endMs = answer.endMs + proxyMs
    const { templates } = this.#parts.sinks
    this.#span(pod, sidecarContainer, inner, templates.sidecar(operation, answer.status), atMs + proxyMs / 2, endMs)
    this.#span(pod, pod.service, outer, templates.client(operation, 1, answer.status), atMs, endMs)
    return { endMs, status: answer.status }
  }

  #useDatabase(operation: Operation, pod: PodIdentity, parentId: Uint8Array, atMs: number, condition: Condition) {
    if (operation.database === undefined) return atMs
    const endMs = atMs + this.#latency(operation.database.medianMs, condition)
    const template = this.#parts.sinks.templates.database(operation.database)
    if (this.#parts.kept.detailed) this.#span(pod, pod.service, this.#ids(parentId), template, atMs, endMs)
    return endMs
  }

  #latency(medianMs: number, condition: Condition): number {
    return this.#parts.random.around(medianMs, latencySpread) * condition.slowness
  }

  #pod(service: ServiceName, atMs: number): PodIdentity {
    const version = versionAt(this.#parts.timeline, service, this.#parts.zone.name, atMs)
    return { service, version, zone: this.#parts.zone, ordinal: this.#parts.random.bits() % podsPerZone }
  }

  #span(pod: PodIdentity, container: string, ids: SpanIds, template: Uint8Array, startMs: number, endMs: number): void {
    this.#parts.sinks.spans.of(pod, container).span(ids, template, startMs, endMs)
    this.#parts.counts.spans++
  }

  #log(pod: PodIdentity, ids: SpanIds, severity: 'INFO' | 'ERROR', body: string, atMs: number): void {
    this.#parts.sinks.logs.of(pod, pod.service).log(ids, this.#parts.sinks.templates.log(severity, body), atMs)
    this.#parts.counts.logs++
  }

  #ids(parentId: Uint8Array | null): SpanIds {
    return { traceId: this.#traceId, spanId: this.#identifier(8), parentId }
  }

  #identifier(length: 8 | 16): Uint8Array {
    const bytes = Buffer.allocUnsafe(length)
    for (let at = 0; at < length; at += 4) bytes.writeUInt32LE(this.#parts.random.bits(), at)
    return bytes
  }
}
