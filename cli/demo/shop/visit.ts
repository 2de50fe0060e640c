import { setTimeout as sleep } from 'node:timers/promises'
import { context, SpanKind } from '@opentelemetry/api'
import { createRandom } from '../random.ts'
import { callPeer } from './call-peer.ts'
import type { Pod } from './pod.ts'
import { databaseAttributes, databaseSpanName } from './span-attributes.ts'
import type { Peers } from './topology.ts'
import { type DatabaseCall, latencySpread, type Operation } from './work.ts'

const severities = { INFO: 9, WARN: 13, ERROR: 17 } as const

/** One request as a handler sees it. */
export interface Visit {
  /** The number in the path, 0 where there is none. */
  readonly id: number
  readonly pod: Pod
  /** The service's own work and its database call, if the operation has one. */
  work(): Promise<void>
  /** Calls another service through the sidecar; its status. @throws when it cannot be reached. */
  call(operation: Operation, id?: number): Promise<number>
  log(severity: keyof typeof severities, body: string, attributes?: Record<string, string | number>): void
}

export function createVisit(pod: Pod, operation: Operation, id: number, peers: Peers): Visit {
  const random = createRandom(Math.floor(Math.random() * 2 ** 32))
  return {
    id,
    pod,
    work: async () => {
      await sleep(random.around(operation.medianMs, latencySpread))
      if (operation.database !== undefined)
        await queryDatabase(pod, operation.database, random.around(operation.database.medianMs, latencySpread))
    },
    call: (target, targetId = id) => callPeer(pod, target, targetId, peers),
    log: (severity, body, attributes = {}) =>
      pod.app.logger.emit({
        severityNumber: severities[severity],
        severityText: severity,
        body,
        attributes,
        context: context.active(),
      }),
  }
}

/**
 * The shop has no database server: the call is its span, which lasts as long as the real one would, also where this machine is
 * too busy to wake up in time.
 */
async function queryDatabase(pod: Pod, call: DatabaseCall, durationMs: number): Promise<void> {
  const startTime = Date.now()
  const options = { kind: SpanKind.CLIENT, attributes: databaseAttributes(call), startTime }
  const span = pod.app.tracer.startSpan(databaseSpanName(call), options)
  await sleep(durationMs)
  span.end(startTime + durationMs)
}
