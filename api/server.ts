import { createServer, type Server } from 'node:http'
import { createNoopMeter, type Meter } from '@opentelemetry/api'
import express, { type Express } from 'express'
import type { SpecDesk } from '../compute/jobs/spec-desk.ts'
import type { RatioReports } from '../compute/reports/ratio-reports.ts'
import type { Reports } from '../compute/reports/reports.ts'
import { listenError, refuseOpenDoor } from '../lib/access.ts'
import { type Clock, systemClock } from '../lib/clock.ts'
import type { Logger } from '../lib/logger.ts'
import { endpointRouter } from './endpoint-router.ts'
import { bearerAccess, knownHost, sameOriginWrites } from './middleware/access.ts'
import { notFound, problemHandler } from './middleware/problems.ts'
import { requestMetrics } from './middleware/request-metrics.ts'
import { securityHeaders } from './middleware/security-headers.ts'
import { openApiDocument } from './openapi.ts'
import { createReplyCache } from './reply-cache.ts'
import { alertEndpoints } from './routes/alerts.ts'
import { type DashboardCatalogue, dashboardEndpoints } from './routes/dashboards.ts'
import { type AcceptEvents, eventEndpoints } from './routes/events.ts'
import { healthRouter, type ReadinessCheck } from './routes/health.ts'
import { periodReportEndpoints } from './routes/period-reports.ts'
import { type DeadLetterBox, type PipelineHealth, pipelineEndpoints } from './routes/pipeline.ts'
import { ratioEndpoints } from './routes/ratios.ts'
import { revisionEndpoints } from './routes/revisions.ts'
import { sloEndpoints } from './routes/slos.ts'
import { specEndpoints } from './routes/specs.ts'
import { loadViewer } from './viewer/load-viewer.ts'
import { viewerRouter } from './viewer/viewer-router.ts'

interface ApiLimits {
  /** Largest request body. */
  readonly bodyBytes: number
  /** Largest body of requests that bring spec files. */
  readonly specBytes: number
  /** How long a reply is remembered; 0 for never. */
  readonly cacheMs: number
}

export interface ApiOptions {
  readonly reports: Reports
  readonly ratios: RatioReports
  readonly pipeline: () => Promise<PipelineHealth> | PipelineHealth
  readonly deadLetters: DeadLetterBox
  readonly dashboards: DashboardCatalogue
  /** Takes specs that people would like to have; without it, none are taken. */
  readonly specDesk?: SpecDesk
  /** Takes CloudEvents and resolves when they are durable; without it, none are taken. */
  readonly acceptEvents?: AcceptEvents
  /** What this process needs for its work. */
  readonly readiness: ReadinessCheck
  /** Bearer tokens of which one must be sent; null asks for none and allows loopback only. */
  readonly tokens: readonly string[] | null
  /** Host names beside the loopback ones under which people may come without tokens, e.g. that of `viewer.url`. */
  readonly hosts?: readonly string[]
  /** Address under which people reach the viewer: documents that leave this machine link to it; without it they have no links. */
  readonly viewerUrl?: string | null
  readonly version: string
  readonly logger: Logger
  readonly clock?: Clock
  readonly meter?: Meter
  readonly limits?: ApiLimits
  /** How often the numbers have been worked out anew: replies from before are not given again. */
  readonly edition?: () => number
  /** How often the viewer asks again. */
  readonly refreshSeconds?: number
}

export interface Listening {
  readonly url: string
  readonly port: number
  /** Stops accepting, lets replies in hand finish, then resolves. */
  close(): Promise<void>
}

export interface Api {
  readonly app: Express
  /** @throws PORT_IN_USE, or LISTEN_WITHOUT_TOKENS for an address beyond loopback. Port 0 takes a free one. */
  listen(host: string, port: number): Promise<Listening>
}

const defaultLimits: ApiLimits = { bodyBytes: 1024 * 1024, specBytes: 64 * 1024 * 1024, cacheMs: 1000 }
const rememberedReplies = 200
const requestTimeoutMs = 30_000

/** The HTTP API under /api/v1, its OpenAPI document, `/livez`, `/readyz`, and the viewer under every other path. */
export function createApi(options: ApiOptions): Api {
  const { reports, tokens, logger, version } = options
  const {
    clock = systemClock,
    meter = createNoopMeter(),
    limits = defaultLimits,
    hosts = [],
    edition = () => 0,
  } = options
  const endpoints = [
    ...sloEndpoints(reports),
    ...ratioEndpoints(options.ratios),
    ...alertEndpoints(reports),
    ...periodReportEndpoints(reports, options.specDesk, options.viewerUrl ?? null),
    ...pipelineEndpoints(options.pipeline, options.deadLetters),
    ...dashboardEndpoints(options.dashboards),
    ...(options.acceptEvents === undefined ? [] : eventEndpoints(options.acceptEvents)),
    ...(options.specDesk === undefined
      ? []
      : [...specEndpoints(options.specDesk), ...revisionEndpoints(options.specDesk)]),
  ]
  const viewer = loadViewer({ refreshSeconds: options.refreshSeconds ?? 5, version })
  const document = Buffer.from(JSON.stringify(openApiDocument(endpoints, version)))

  const app = express()
  app.disable('x-powered-by')
  app.set('query parser', 'simple')
  app.use(requestMetrics(meter, clock))
  app.use(securityHeaders(viewer.importMapHash))
  app.use(healthRouter(options.readiness))
  app.use(knownHost(tokens, hosts), sameOriginWrites)

  const api = express.Router()
  api.use(bearerAccess(tokens))
  api.use(/^\/specs(:[a-z]+)?$/, express.raw({ limit: limits.specBytes, type: () => true }))
  api.use(express.raw({ limit: limits.bodyBytes, type: () => true }))
  api.get('/openapi.json', (_request, response) => {
    response.locals.route = 'GET /openapi.json'
    response.type('application/json').send(document)
  })
  api.use(
    endpointRouter(
      endpoints,
      createReplyCache({ clock, keepMs: limits.cacheMs, maxEntries: rememberedReplies, edition }),
    ),
  )
  api.use(notFound)
  app.use('/api/v1', api)
  app.use(viewerRouter(viewer))
  app.use(notFound)
  app.use(problemHandler(logger))

  return { app, listen: (host, port) => listen(app, host, port, tokens) }
}

function listen(app: Express, host: string, port: number, tokens: readonly string[] | null): Promise<Listening> {
  refuseOpenDoor(host, tokens)
  const server = createServer({ requestTimeout: requestTimeoutMs }, app)
  return new Promise((resolve, reject) => {
    server.once('error', error => reject(listenError(error, 'API', host, port)))
    server.listen({ host, port }, () => {
      const address = server.address()
      const actual = address !== null && typeof address === 'object' ? address.port : port
      const name = host.includes(':') ? `[${host}]` : host
      resolve({ url: `http://${name}:${actual}`, port: actual, close: () => close(server) })
    })
  })
}

function close(server: Server): Promise<void> {
  return new Promise(resolve => {
    server.close(() => resolve())
    server.closeIdleConnections()
  })
}
