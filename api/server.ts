import { createServer } from 'node:http'
import express, { type Express } from 'express'
import type { Reports } from '../compute/reports/reports.ts'
import { errnoOf, NinefoldError } from '../lib/errors.ts'
import type { Logger } from '../lib/logger.ts'
import type { Endpoint } from './endpoint.ts'
import { mountEndpoint } from './middleware/endpoint-route.ts'
import { notFound, problemHandler } from './middleware/problem.ts'
import { guardLoopback, requireToken, securityHeaders } from './middleware/security.ts'
import { openApiDocument } from './openapi.ts'
import { alertEndpoints } from './routes/alerts.ts'
import { type DashboardCatalogue, dashboardEndpoints } from './routes/dashboards.ts'
import { type DeadLetterBox, type PipelineHealth, pipelineEndpoints } from './routes/pipeline.ts'
import { sloEndpoints } from './routes/slos.ts'
import { createViewer } from './viewer/assets.ts'

export interface ApiOptions {
  readonly reports: Reports
  readonly pipeline: () => Promise<PipelineHealth>
  readonly deadLetters: DeadLetterBox
  readonly dashboards: DashboardCatalogue
  /** Rejects while the instance cannot do its work. */
  readonly ready: () => Promise<void>
  /** Bearer tokens of which one must be sent; null asks for none and allows loopback only. */
  readonly tokens: readonly string[] | null
  readonly logger: Logger
  readonly version: string
}

export interface ListeningApi {
  readonly url: string
  readonly port: number
  close(): Promise<void>
}

export interface Api {
  readonly app: Express
  /** @throws PORT_IN_USE, LISTEN_WITHOUT_TOKENS. */
  listen(host: string, port: number): Promise<ListeningApi>
}

export function apiEndpoints(options: ApiOptions): Endpoint[] {
  return [
    ...sloEndpoints(options.reports),
    ...alertEndpoints(options.reports),
    ...pipelineEndpoints(options.pipeline, options.deadLetters),
    ...dashboardEndpoints(options.dashboards),
  ]
}

/** JSON API under /api/v1, health probes, and the viewer. */
export function createApi(options: ApiOptions): Api {
  const endpoints = apiEndpoints(options)
  const app = express()
  app.disable('x-powered-by')
  app.use(securityHeaders, guardLoopback(options.tokens === null))
  app.get('/livez', (_request, response) => void response.json({ status: 'alive' }))
  app.get('/readyz', async (_request, response) => {
    await options.ready()
    response.json({ status: 'ready' })
  })
  const router = express.Router()
  router.use(requireToken(options.tokens))
  for (const definition of endpoints) mountEndpoint(router, definition)
  router.get('/openapi.json', (_request, response) => void response.json(openApiDocument(endpoints, options.version)))
  app.use('/api/v1', router, notFound)
  app.use(createViewer())
  app.use(notFound)
  app.use(problemHandler(options.logger))
  return { app, listen: (host, port) => listen(app, options.tokens, host, port) }
}

async function listen(
  app: Express,
  tokens: readonly string[] | null,
  host: string,
  port: number,
): Promise<ListeningApi> {
  if (tokens === null && !['127.0.0.1', '::1', 'localhost'].includes(host)) {
    throw new NinefoldError('LISTEN_WITHOUT_TOKENS', `the API on ${host} would answer anybody`)
  }
  const server = createServer({ requestTimeout: 60_000 }, app)
  await new Promise<void>((resolve, reject) => {
    server.once('error', cause => {
      const inUse = errnoOf(cause) === 'EADDRINUSE'
      reject(inUse ? new NinefoldError('PORT_IN_USE', `API port ${port} on ${host} is taken`, { cause }) : cause)
    })
    server.listen(port, host, resolve)
  })
  const bound = server.address()
  const actualPort = typeof bound === 'object' && bound !== null ? bound.port : port
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actualPort}`,
    port: actualPort,
    close: () => {
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      server.closeAllConnections()
      return closed
    },
  }
}
