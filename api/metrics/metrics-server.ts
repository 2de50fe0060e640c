import type { Meter } from '@opentelemetry/api'
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus'
import { type CollectionResult, MeterProvider, type MetricData, type MetricProducer } from '@opentelemetry/sdk-metrics'
import { listenError } from '../../lib/access.ts'
import { type Clock, systemClock } from '../../lib/clock.ts'
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

/**
 * Prometheus exposition on `http://host:port/metrics`, names as written (no scope labels, no target_info). The SLO series come
 * from a producer of their own beside the SDK's instruments: an observable instrument goes on showing every label set it ever saw,
 * and a series of an SLO that is gone must go with it.
 * @throws PORT_IN_USE.
 */
export async function startMetricsServer(
  host: string,
  port: number,
  options: { readonly clock?: Clock } = {},
): Promise<MetricsServer> {
  const { clock = systemClock } = options
  const counts = createMonotonicCounts()
  let snapshot: (() => MetricsSnapshot) | undefined
  const producer = sloProducer(() => (snapshot === undefined ? [] : sloMetrics(snapshot(), counts, clock.now())))
  const exporter = new PrometheusExporter({
    host,
    port,
    preventServerStart: true,
    withoutScopeInfo: true,
    withoutTargetInfo: true,
    metricProducers: [producer],
  })
  const provider = new MeterProvider({ readers: [exporter] })
  try {
    await exporter.startServer()
  } catch (cause) {
    throw listenError(cause, 'metrics', host, port)
  }
  return {
    meter: provider.getMeter('ninefold'),
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}/metrics`,
    observeSlos: read => {
      snapshot = read
    },
    close: () => provider.shutdown(),
  }
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
