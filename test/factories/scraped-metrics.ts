import type { Meter } from '@opentelemetry/api'
import { startMetricsServer } from '../../api/metrics/metrics-server.ts'

export interface ScrapedMetrics {
  readonly meter: Meter
  /**
   * The sum of the series of this name whose labels contain `labels` (`topic="otlp_spans"`), as Prometheus would scrape them; null when there
   * is none.
   */
  read(name: string, ...labels: readonly string[]): Promise<number | null>
  close(): Promise<void>
}

/** A meter whose numbers are read through the real exposition. */
export async function startScrapedMetrics(): Promise<ScrapedMetrics> {
  const server = await startMetricsServer('127.0.0.1', 0)
  return {
    meter: server.meter,
    read: async (name, ...labels) => {
      const lines = (await (await fetch(server.url)).text()).split('\n')
      const series = lines.filter(line => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
      const values = series.filter(line => labels.every(label => line.includes(label)))
      return values.length === 0 ? null : values.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
    },
    close: server.close,
  }
}
