import { createServer, type Server } from 'node:http'
import type { Meter } from '@opentelemetry/api'
import express, { type Express } from 'express'
import { listenError, refuseOpenDoor } from '../../lib/access.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/logger.ts'
import type { Producer } from '../bus/bus.ts'
import { createPayloadAcceptor } from './accept-payload.ts'
import { createAdmission } from './admission.ts'
import { type CorsOptions, createCors } from './cors.ts'
import { createGatewayMetrics } from './gateway-metrics.ts'
import { createGrpcServer } from './grpc-server.ts'
import type { OtlpLimits } from './limits.ts'
import { listenGrpc } from './listen-grpc.ts'
import type { ListeningGateway } from './listening-gateway.ts'
import { createRequestHandler } from './request-handler.ts'

export interface OtlpGatewayOptions {
  readonly producer: Producer
  readonly limits: OtlpLimits
  /** Bearer tokens of which one must be sent; null asks for none and allows loopback only. */
  readonly tokens: readonly string[] | null
  /** Pages that may post from a browser; null for none. */
  readonly cors: CorsOptions | null
  readonly clock: Clock
  readonly logger: Logger
  readonly meter: Meter
  /** Bytes of unanswered requests (sent and inflated) beyond which senders get 429. */
  readonly maxBytesInFlight: number
  /** Bytes in the bus that no sink has committed, beyond which senders get 503; of a carrier that tells (not Kafka). */
  readonly maxLagBytes: number
}

export interface OtlpGateway {
  /** The Express application, to be mounted elsewhere or driven by tests. */
  readonly app: Express
  /** Throws PORT_IN_USE, and LISTEN_WITHOUT_TOKENS for a host beyond loopback when no tokens are set. */
  listen(host: string, port: number): Promise<ListeningGateway>
  /** The same over gRPC, on a port of its own; both doors share tokens, limits and bounds. */
  listenGrpc(host: string, port: number): Promise<ListeningGateway>
}

/** The longest a request's head and body may take to arrive, so that slow senders cannot hold connections. */
const requestTimeoutMs = 60_000
/** Longer than the idle time of usual clients and load balancers, so that they and not we end a connection. */
const keepAliveMs = 75_000

/**
 * OTLP/HTTP: `POST /v1/traces`, `/v1/logs`, `/v1/metrics`, protobuf or JSON, plain or gzip, deflate, zstd; OTLP/gRPC: the three
 * `Export` services. Authenticates, bounds and checks a payload, makes it canonical, appends it to the bus and only then answers.
 */
export function createOtlpGateway(options: OtlpGatewayOptions): OtlpGateway {
  const admission = createAdmission(options)
  const metrics = createGatewayMetrics(options.meter, admission.bytesInFlight)
  const logger = options.logger.child({ component: 'otlp-gateway' })
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.use(createCors(options.cors))
  const shared = { ...options, logger, admission, metrics, accept: createPayloadAcceptor({ ...options, metrics }) }
  app.use(createRequestHandler(shared))
  return {
    app,
    listen: async (host, port) => {
      refuseOpenDoor(host, options.tokens)
      return listen(app, host, port)
    },
    listenGrpc: async (host, port) => {
      refuseOpenDoor(host, options.tokens)
      return listenGrpc(createGrpcServer(shared), host, port)
    },
  }
}

async function listen(app: Express, host: string, port: number): Promise<ListeningGateway> {
  let closing = false
  const settings = { requestTimeout: requestTimeoutMs, keepAliveTimeout: keepAliveMs }
  const server = createServer(settings, (request, response) => {
    // A connection whose request was under way when closing began is idle only now.
    response.once('close', () => closing && setImmediate(() => server.closeIdleConnections()))
    app(request, response)
  })
  await bind(server, host, port)
  const bound = server.address()
  const actualPort = typeof bound === 'object' && bound !== null ? bound.port : port
  const shownHost = host.includes(':') ? `[${host}]` : host
  return {
    address: `http://${shownHost}:${actualPort}`,
    port: actualPort,
    close: () => {
      closing = true
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      server.closeIdleConnections()
      return closed
    },
  }
}

function bind(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', cause => reject(listenError(cause, 'OTLP', host, port)))
    server.listen(port, host, resolve)
  })
}
