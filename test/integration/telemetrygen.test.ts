import { execFile } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createStore } from '../../store/client/create-store.ts'
import { type ClickHouseHttp, startClickHouseHttp } from '../factories/clickhouse-http/start.ts'
import { type RunningNinefold, removeFolder, startNinefold } from '../factories/ninefold.ts'
import { storeConnections } from '../factories/store.ts'
import { realPart } from '../real-parts/install.ts'

/** An OTLP client that is none of ours: what it says it sent must be what the store has. */

const run = promisify(execFile)
const workers = 3
const each = 200
const doors = ['http', 'grpc'] as const
const sent = doors.length * workers * each
let generator: string
let data: string
let instance: RunningNinefold
let server: ClickHouseHttp | undefined

/** gRPC is what telemetrygen does when nothing is said. */
async function send(
  door: (typeof doors)[number],
  signal: 'traces' | 'logs' | 'metrics',
  ...more: string[]
): Promise<void> {
  const endpoint = (door === 'http' ? instance.otlp : instance.otlpGrpc).replace('http://', '')
  const common = [
    '--otlp-insecure',
    '--otlp-endpoint',
    endpoint,
    ...(door === 'http' ? ['--otlp-http'] : []),
    '--rate',
    '0',
  ]
  await run(generator, [signal, ...common, '--workers', String(workers), `--${signal}`, String(each), ...more])
}

const count = z.object({ rows: z.string().transform(Number), keys: z.string().transform(Number) })

/** Rows, and how many different ones, of a table; read once the instance has stopped, because a directory has one owner. */
async function stored(): Promise<Record<string, { rows: number; keys: number }>> {
  const store = await createStore(
    server === undefined
      ? { kind: 'embedded', path: join(data, 'store') }
      : { kind: 'remote', url: server.url, username: 'default', password: '', database: 'default' },
  )
  const ask = async (table: string, key: string) => {
    const sql = `SELECT count() AS rows, uniqExact(${key}) AS keys FROM ${table} WHERE ServiceName = 'telemetrygen'`
    const [counted] = await store.reader.query({ name: table, sql, params: z.object({}), row: count }, {})
    if (counted === undefined) throw new Error(`no count of ${table}`)
    return counted
  }
  try {
    return {
      traces: await ask('otel_traces', 'SpanId'),
      logs: await ask('otel_logs', 'Body'),
      gauge: await ask('otel_metrics_gauge', 'MetricName'),
      sum: await ask('otel_metrics_sum', 'MetricName'),
      histogram: await ask('otel_metrics_histogram', 'MetricName'),
    }
  } finally {
    await store.close()
  }
}

describe.each(storeConnections)('everything that telemetrygen sends, over the %s store,', connection => {
  beforeAll(async () => {
    generator = await realPart('telemetrygen')
    data = mkdtempSync(join(tmpdir(), 'ninefold-telemetrygen-'))
    server = connection === 'http' ? await startClickHouseHttp({ folder: data }) : undefined
    instance = await startNinefold({ data, sets: server === undefined ? [] : [`store=${server.url}`] })
  })
  afterAll(async () => {
    await instance.kill('SIGKILL')
    await server?.kill('SIGTERM')
    removeFolder(data)
  })

  it('is counted once: spans with and without batches, logs, and metrics of three kinds, over HTTP and over gRPC', async () => {
    for (const door of doors) {
      await send(door, 'traces', '--child-spans', '2', '--status-code', 'Error', '--batch=false')
      await send(door, 'logs', '--batch=false')
      for (const kind of ['Gauge', 'Sum', 'Histogram']) await send(door, 'metrics', '--metric-type', kind)
    }
    // SIGTERM: what was acknowledged is stored before the process ends.
    expect(await instance.kill('SIGTERM')).toBe(0)
    const counted = await stored()
    // A trace of telemetrygen is a client's span with its children.
    expect(counted.traces).toEqual({ rows: sent * 3, keys: sent * 3 })
    expect(counted.logs?.rows).toBe(sent)
    for (const kind of ['gauge', 'sum', 'histogram']) expect(counted[kind]?.rows, kind).toBe(sent)
  })
})
