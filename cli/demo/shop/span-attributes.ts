import { type DatabaseCall, type Operation, pathOf } from './work.ts'

/** Attributes of the shop's spans, by OpenTelemetry's semantic conventions for HTTP and databases. */
export type SpanAttributes = Record<string, string | number>

/** Port that every service has inside its cluster. */
const clusterPort = 8080

export function serverAttributes(operation: Operation, id: number): SpanAttributes {
  return {
    'http.request.method': operation.method,
    'http.route': operation.route,
    'url.path': pathOf(operation, id),
    'url.scheme': 'http',
    'server.address': operation.service,
    'server.port': clusterPort,
    'network.protocol.version': '1.1',
  }
}

/** A call to `operation` as the caller's own HTTP client sees it. */
export function clientAttributes(operation: Operation, id: number): SpanAttributes {
  return {
    'http.request.method': operation.method,
    'url.template': operation.route,
    'url.full': `http://${operation.service}:${clusterPort}${pathOf(operation, id)}`,
    'server.address': operation.service,
    'server.port': clusterPort,
    'peer.service': operation.service,
  }
}

/** The same call as the caller's sidecar sees it. */
export function sidecarAttributes(operation: Operation): SpanAttributes {
  return {
    'http.request.method': operation.method,
    'upstream_cluster.name': `outbound|${clusterPort}||${operation.service}.shop.svc.cluster.local`,
    'server.address': operation.service,
    'peer.service': operation.service,
  }
}

export function databaseAttributes({ operation, collection }: DatabaseCall): SpanAttributes {
  return {
    'db.system.name': 'postgresql',
    'db.namespace': 'shop',
    'db.operation.name': operation,
    'db.collection.name': collection,
    'db.query.summary': `${operation} ${collection}`,
    'server.address': 'postgres',
    'server.port': 5432,
  }
}

export const serverSpanName = (operation: Operation) => `${operation.method} ${operation.route}`
export const sidecarSpanName = (operation: Operation) => `${operation.service}.shop.svc.cluster.local:${clusterPort}/*`
export const databaseSpanName = ({ operation, collection }: DatabaseCall) => `${operation} ${collection}`

/** Answers from here on are the server's fault: its span is an error. */
export const serverFault = 500
/** Answers from here on are a failure to the one who called: the client's span is an error. */
export const clientFault = 400
