import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startClickHouseHttp } from '../../factories/clickhouse-http/start.ts'
import { startCollector } from '../../factories/collector.ts'
import { freePorts, removeFolder } from '../../factories/ninefold.ts'
import { waitFor } from '../processes.ts'
import { type Amount, type MeasuredWork, measureProcesses, sendSpans, warmUp } from './process-costs.ts'

const longestSettleMs = 240_000

/**
 * A Collector that stores by itself, without a broker: otlp → clickhouseexporter → the tables that it makes, on a store like ours that does
 * nothing else. Batched in its queue, as its documentation advises; the queue is memory, so unlike ours its answer promises nothing.
 */
export async function measureClickHouseExporter(amount: Amount): Promise<MeasuredWork<'exporter' | 'store'>> {
  const folder = mkdtempSync(join(tmpdir(), 'ninefold-bench-exporter-'))
  const closing: (() => unknown)[] = [() => removeFolder(folder)]
  try {
    const store = await startClickHouseHttp({ folder })
    closing.push(() => store.kill('SIGKILL'))
    const [port = 0] = await freePorts(1)
    const collector = await startCollector(
      {
        receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${port}` } } } },
        exporters: {
          clickhouse: {
            endpoint: store.url,
            // Plain both ways, as between our sink and the store.
            compress: 'none',
            sending_queue: { batch: {}, block_on_overflow: true },
          },
        },
        service: { pipelines: { traces: { receivers: ['otlp'], exporters: ['clickhouse'] } } },
      },
      'otelcol-clickhouse',
    )
    closing.push(() => collector.close())
    const stored = async () => {
      const response = await fetch(store.url, { method: 'POST', body: 'SELECT count() FROM otel_traces' })
      return Number(await response.text())
    }
    const untilStored = (spans: number) =>
      waitFor(`${spans} spans stored`, longestSettleMs, async () => ((await stored()) >= spans ? true : undefined))
    const endpoint = `http://127.0.0.1:${port}`
    const first = await warmUp(endpoint)
    await untilStored(first)
    return await measureProcesses({ exporter: collector.pid, store: store.pid }, async () => {
      const spans = await sendSpans(endpoint, amount)
      await untilStored(first + spans)
      return spans
    })
  } finally {
    for (const step of closing.reverse()) await step()
  }
}
