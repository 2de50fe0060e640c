import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Meter } from '@opentelemetry/api'
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus'
import {
  type CollectionResult,
  DataPointType,
  MeterProvider,
  type MetricData,
  type MetricProducer,
} from '@opentelemetry/sdk-metrics'
import express from 'express'
import { listenError } from '../../lib/access.ts'
import { type Clock, systemClock } from '../../lib/clock.ts'
import { healthRouter, type ReadinessCheck } from '../routes/health.ts'
import { createMonotonicCounts } from './monotonic-counts.ts'
import { type MetricsSnapshot, sloMetrics } from './slo-metrics.ts'

export interface MetricsServer {
  /** What every part of the instance counts with. */
  readonly meter: Meter
  readonly url: string
  /** Shows the SLO series of this snapshot from now on; it is asked for at each scrape and must be cheap. */
  observeSlos(snapshot: () => MetricsSnapshot): void
  close(): Promise<void>
}

const requestTimeoutMs = 30_000

/**
 * Prometheus exposition on `http://host:port/metrics`, beside it `/livez` and `/readyz`; names as written (no scope labels, no target_info). The SLO series come
 * from a producer of their own beside the SDK's instruments: an observable instrument goes on showing every label set it ever saw,
 * and a series of an SLO that is gone must go with it.
 * @throws PORT_IN_USE.
 */
export async function startMetricsServer(
  host: string,
  port: number,
  options: { readonly clock?: Clock; readonly readiness?: ReadinessCheck } = {},
): Promise<MetricsServer> {
  const { clock = systemClock, readiness = async () => [] } = options
  const counts = createMonotonicCounts()
  let snapshot: (() => MetricsSnapshot) | undefined
  const producer = sloProducer(() => (snapshot === undefined ? [] : sloMetrics(snapshot(), counts, clock.now())))
  const exporter = new ExporterWithoutGoneSeries({
    preventServerStart: true,
    withoutScopeInfo: true,
    withoutTargetInfo: true,
    metricProducers: [producer],
  })
  const provider = new MeterProvider({ readers: [exporter] })
  const app = express()
  app.disable('x-powered-by')
  app.use(healthRouter(readiness))
  app.get('/metrics', (request, response) => exporter.getMetricsRequestHandler(request, response))
  const server = createServer({ requestTimeout: requestTimeoutMs }, app)
  await new Promise<void>((resolve, reject) => {
    server.once('error', cause => reject(listenError(cause, 'metrics', host, port)))
    server.listen(port, host, resolve)
  })
  // An address of its own kind (a pipe) is what this server never listens on.
  const { port: actualPort } = server.address() as AddressInfo
  return {
    meter: provider.getMeter('ninefold'),
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actualPort}/metrics`,
    observeSlos: read => {
      snapshot = read
    },
    close: async () => {
      const closed = new Promise(resolve => server.close(resolve))
      server.closeIdleConnections()
      await closed
      await provider.shutdown()
    },
  }
}

/** A series of a gauge that is gone is observed as NaN (ingest/bus/series-gauge.ts). */
class ExporterWithoutGoneSeries extends PrometheusExporter {
  override async collect(options?: Parameters<PrometheusExporter['collect']>[0]): Promise<CollectionResult> {
    const { resourceMetrics, errors } = await super.collect(options)
    const scopeMetrics = resourceMetrics.scopeMetrics.map(({ scope, metrics }) => ({
      scope,
      metrics: metrics.map(withoutGoneSeries).filter(({ dataPoints }) => dataPoints.length > 0),
    }))
    return { resourceMetrics: { ...resourceMetrics, scopeMetrics }, errors }
  }
}

function withoutGoneSeries(metric: MetricData): MetricData {
  if (metric.dataPointType !== DataPointType.GAUGE) return metric
  return { ...metric, dataPoints: metric.dataPoints.filter(({ value }) => !Number.isNaN(value)) }
}

type Resource = CollectionResult['resourceMetrics']['resource']

/** The reader shows the SDK's own resource and never a producer's. */
const noResource: Resource = { attributes: {}, merge: other => other ?? noResource, getRawAttributes: () => [] }

function sloProducer(read: () => MetricData[]): MetricProducer {
  return {
    collect: async () => ({
      resourceMetrics: {
        resource: noResource,
        scopeMetrics: [{ scope: { name: 'ninefold.slo' }, metrics: read() }],
      },
      errors: [],
    }),
  }
}
