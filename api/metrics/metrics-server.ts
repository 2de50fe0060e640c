import type { Meter } from '@opentelemetry/api'
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus'
import { MeterProvider } from '@opentelemetry/sdk-metrics'
import { errnoOf, NinefoldError } from '../../lib/errors.ts'

export interface MetricsServer {
  /** What every part of the instance counts with. */
  readonly meter: Meter
  readonly url: string
  close(): Promise<void>
}

/**
 * Prometheus exposition on `http://host:port/metrics`, names as written (no scope labels, no target_info).
 * @throws PORT_IN_USE.
 */
export async function startMetricsServer(host: string, port: number): Promise<MetricsServer> {
  const exporter = new PrometheusExporter({
    host,
    port,
    preventServerStart: true,
    withoutScopeInfo: true,
    withoutTargetInfo: true,
  })
  const provider = new MeterProvider({ readers: [exporter] })
  try {
    await exporter.startServer()
  } catch (cause) {
    if (errnoOf(cause) === 'EADDRINUSE') {
      throw new NinefoldError('PORT_IN_USE', `metrics port ${port} on ${host} is taken`, { cause })
    }
    throw cause
  }
  return {
    meter: provider.getMeter('ninefold'),
    url: `http://${host}:${port}/metrics`,
    close: () => provider.shutdown(),
  }
}
