import { context, propagation, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import type { Pod } from './pod.ts'
import { sendRequest } from './send-request.ts'
import { clientAttributes, clientFault, serverSpanName, sidecarAttributes, sidecarSpanName } from './span-attributes.ts'
import { type Peers, zoneHeader } from './topology.ts'
import { type Operation, pathOf } from './work.ts'

/**
 * An HTTP call to another service in the same zone: a CLIENT span of the service and, inside it, one of the sidecar that
 * carries the call; the callee continues the sidecar's trace context.
 */
export async function callPeer(pod: Pod, operation: Operation, id: number, peers: Peers): Promise<number> {
  const port = peers.get(operation.service)
  if (port === undefined) throw new Error(`${operation.service} has no address yet`)
  const outer = pod.app.tracer.startSpan(serverSpanName(operation), {
    kind: SpanKind.CLIENT,
    attributes: clientAttributes(operation, id),
  })
  const outerContext = trace.setSpan(context.active(), outer)
  const inner = pod.sidecar.tracer.startSpan(
    sidecarSpanName(operation),
    { kind: SpanKind.CLIENT, attributes: sidecarAttributes(operation) },
    outerContext,
  )
  const headers: Record<string, string> = { [zoneHeader]: pod.identity.zone.name }
  propagation.inject(trace.setSpan(outerContext, inner), headers)
  try {
    const status = await sendRequest({ port, method: operation.method, path: pathOf(operation, id), headers })
    for (const span of [inner, outer]) finish(span, status)
    return status
  } catch (error) {
    for (const span of [inner, outer]) finish(span, error instanceof Error ? error.name : 'unknown')
    throw error
  }
}

function finish(span: Span, outcome: number | string): void {
  if (typeof outcome === 'number') span.setAttribute('http.response.status_code', outcome)
  if (typeof outcome === 'string' || outcome >= clientFault) {
    span.setAttribute('error.type', String(outcome))
    span.setStatus({ code: SpanStatusCode.ERROR })
  }
  span.end()
}
