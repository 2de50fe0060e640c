import type { IncomingMessage, ServerResponse } from 'node:http'
import { context, propagation, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import type { Fleet } from './fleet.ts'
import type { Pod } from './pod.ts'
import { serverAttributes, serverFault, serverSpanName } from './span-attributes.ts'
import { type Peers, type ServiceName, zoneHeader } from './topology.ts'
import { createVisit, type Visit } from './visit.ts'
import type { Operation } from './work.ts'

export interface Route {
  readonly operation: Operation
  /** The status to answer with; what it throws is answered with 500. */
  handle(visit: Visit): Promise<number>
}

interface CompiledRoute extends Route {
  readonly path: RegExp
}

/** An HTTP listener that serves routes on the pods of the fleet, each request a SERVER span of its pod. */
export function createListener(service: ServiceName, routes: readonly Route[], fleet: Fleet, peers: Peers) {
  const compiled = routes.map(route => ({
    ...route,
    path: new RegExp(`^${route.operation.route.replace('{id}', '(\\d+)')}$`),
  }))
  return (request: IncomingMessage, response: ServerResponse): void => {
    request.resume()
    const found = findRoute(compiled, request)
    const zone = request.headers[zoneHeader]
    if (found === undefined || typeof zone !== 'string') {
      response.writeHead(found === undefined ? 404 : 400).end()
      return
    }
    const pod = fleet.next(zone)
    void serve(pod, found.route, found.id, request, peers).then(status => {
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ service, pod: pod.name, version: pod.identity.version, status }))
    })
  }
}

function findRoute(routes: readonly CompiledRoute[], request: IncomingMessage) {
  for (const route of routes) {
    const match = request.method === route.operation.method ? route.path.exec(request.url ?? '') : null
    if (match !== null) return { route, id: Number(match[1] ?? 0) }
  }
  return undefined
}

async function serve(pod: Pod, route: Route, id: number, request: IncomingMessage, peers: Peers): Promise<number> {
  const { operation } = route
  const startedAt = performance.now()
  const parent = propagation.extract(ROOT_CONTEXT, request.headers)
  const span = pod.app.tracer.startSpan(
    serverSpanName(operation),
    { kind: SpanKind.SERVER, attributes: serverAttributes(operation, id) },
    parent,
  )
  const status = await context.with(trace.setSpan(parent, span), () => judge(pod, route, id, span, peers))
  span.setAttribute('http.response.status_code', status)
  if (status >= serverFault) {
    span.setAttribute('error.type', String(status))
    span.setStatus({ code: SpanStatusCode.ERROR })
  }
  span.end()
  pod.requestDuration.record((performance.now() - startedAt) / 1000, {
    'http.request.method': operation.method,
    'http.route': operation.route,
    'http.response.status_code': status,
    'url.scheme': 'http',
  })
  return status
}

async function judge(pod: Pod, route: Route, id: number, span: Span, peers: Peers): Promise<number> {
  const visit = createVisit(pod, route.operation, id, peers)
  try {
    return await route.handle(visit)
  } catch (error) {
    const cause = error instanceof Error ? error : new Error(String(error))
    span.recordException(cause)
    visit.log('ERROR', `${serverSpanName(route.operation)} failed: ${cause.message}`, {
      'exception.type': cause.name,
      'exception.message': cause.message,
    })
    return serverFault
  }
}
