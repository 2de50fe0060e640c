import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ClickHouseHttp, startClickHouseHttp } from '../factories/clickhouse-http/start.ts'
import { type Collector, startCollector } from '../factories/collector.ts'
import { eventually, freePorts, type RunningNinefold, removeFolder, startNinefold } from '../factories/ninefold.ts'
import { everyKindOfValue, type Requests } from './every-kind-of-value.ts'

/** A real Collector, whose ClickHouse exporter makes its own database and tables and fills them, and what we make of these. */

const slo = (name: string, indicator: string) => `---
apiVersion: openslo/v1
kind: SLO
metadata: { name: ${name} }
spec:
  service: shop
  budgetingMethod: Occurrences
  timeWindow: [{ duration: 30d, isRolling: true }]
  objectives: [{ target: 0.9 }]
  indicator: { metadata: { name: ${name}-good }, spec: { ratioMetric: ${indicator} } }
`
const ratio = (signal: string, total: string, side: 'good' | 'bad', filter: string) => {
  const source = (text: string) =>
    `{ metricSource: { type: telemetry, spec: { signal: ${signal}, filter: '${text}' } } }`
  return `{ counter: true, ${side}: ${source(filter)}, total: ${source(total)} }`
}
const all = 'service.name == "shop"'
const specs = `apiVersion: openslo/v1
kind: Service
metadata: { name: shop }
spec: { description: A shop }
${[
  slo('spans', ratio('traces', all, 'good', `${all} && status != "Error"`)),
  slo('lines', ratio('logs', all, 'good', `${all} && severity < "ERROR"`)),
  slo('requests', ratio('metrics', `name == "requests" && ${all}`, 'bad', 'http.response.status_code >= 500')),
  slo('latency', ratio('metrics', `name == "latency" && ${all}`, 'good', 'value <= 0.25')),
].join('')}`

const metricTables = ['gauge', 'sum', 'histogram', 'exponential_histogram', 'summary'].map(
  kind => `otel_metrics_${kind}`,
)
const tables = ['otel_traces', 'otel_logs', ...metricTables]
const folder = mkdtempSync(join(tmpdir(), 'ninefold-collector-tables-'))
let server: ClickHouseHttp
let collector: Collector
let door: string
let own: RunningNinefold
let existing: RunningNinefold

const sql = async (statement: string) => {
  const response = await fetch(server.url, { method: 'POST', body: statement })
  const text = await response.text()
  if (!response.ok) throw new Error(`${statement}: ${text}`)
  return text.trim()
}
const count = (database: string, table: string) => sql(`SELECT count() FROM ${database}.${table}`).then(Number)

/** One row with the keys of each map in order, which is no part of what a map says. */
const inOrder = (row: string) =>
  JSON.stringify(JSON.parse(row), (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort())
      : value,
  )

async function send(endpoint: string, requests: Requests): Promise<void> {
  for (const [signal, body] of Object.entries(requests)) {
    const headers = { 'content-type': 'application/x-protobuf' }
    const response = await fetch(`${endpoint}/v1/${signal}`, { method: 'POST', headers, body })
    expect([signal, response.status, await response.text()]).toMatchObject([signal, 200, expect.anything()])
  }
}

/**
 * As it comes, but for compression in frames of ClickHouse's own, which the test server does not speak, and for patience: given up and tried
 * again, a row could be there twice.
 */
function startExporting(port: number): Promise<Collector> {
  const pipeline = { receivers: ['otlp'], exporters: ['clickhouse'] }
  return startCollector(
    {
      receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${port}` } } } },
      exporters: { clickhouse: { endpoint: server.url, database: 'otel', compress: 'gzip', timeout: '60s' } },
      service: { pipelines: { traces: pipeline, logs: pipeline, metrics: pipeline } },
    },
    'otelcol-clickhouse',
  )
}

beforeAll(async () => {
  writeFileSync(join(folder, 'shop.yaml'), specs)
  server = await startClickHouseHttp({ folder })
  for (const database of ['own', 'ninefold']) await sql(`CREATE DATABASE ${database}`)
  const [port = 0] = await freePorts(1)
  door = `http://127.0.0.1:${port}`
  collector = await startExporting(port)
  own = await startNinefold({ data: join(folder, 'a'), sets: [`store=${server.url}`, 'store.database=own'] })
})
afterAll(async () => {
  await own?.kill('SIGKILL')
  await existing?.kill('SIGKILL')
  await collector?.close()
  await server?.kill('SIGTERM')
  removeFolder(folder)
})

describe('a Collector that fills its own tables', () => {
  it('makes them with the names and types that ours have', async () => {
    const columns = (database: string, table: string) =>
      sql(`SELECT name, type FROM system.columns WHERE database = '${database}' AND table = '${table}'
AND name IN (SELECT name FROM system.columns WHERE database = 'otel' AND table = '${table}') ORDER BY name`)
    for (const table of tables)
      expect([table, await columns('own', table)]).toEqual([table, await columns('otel', table)])
  })

  it('has the rows there that our door makes of the same requests', async () => {
    const requests = everyKindOfValue(Date.now() - 3_600_000)
    await send(door, requests)
    await send(own.otlp, requests)
    const expected = { otel_traces: 100, otel_logs: 30, otel_metrics_gauge: 2, otel_metrics_sum: 2 }
    for (const table of tables) {
      const rows = Object.entries(expected).find(([name]) => name === table)?.[1] ?? 1
      for (const database of ['otel', 'own'])
        await eventually(
          () => count(database, table),
          found => found === rows,
        )
      const names = await sql(`SELECT concat('\`', name, '\`') FROM system.columns
WHERE database = 'otel' AND table = '${table}' AND default_kind = '' FORMAT TSVRaw`)
      const selected = names.split('\n').join(', ')
      const content = async (database: string) =>
        (await sql(`SELECT ${selected} FROM ${database}.${table} FORMAT JSONEachRow`)).split('\n').map(inOrder).sort()
      const [ours, theirs] = [await content('own'), await content('otel')]
      const differing = ours.filter((row, at) => row !== theirs[at])
      expect({ table, differing }).toEqual({ table, differing: [] })
    }
  })

  it('gives `ninefold up --tables existing` the right numbers for spans, logs and metrics', async () => {
    await own.kill('SIGTERM')
    existing = await startNinefold({
      ...{ specs: folder, data: join(folder, 'b') },
      sets: [`store=${server.url}`, 'store.database=ninefold', 'store.tables=existing', 'store.tablesDatabase=otel'],
    })
    for (const [name, good, valid] of [
      ['spans', 93, 100],
      ['lines', 24, 30],
      ['requests', 90, 100],
      ['latency', 50, 55],
    ] as const) {
      const found = await eventually(
        () => existing.get(`/api/v1/slos/${name}`),
        now => now.valid === valid,
      )
      expect(found).toMatchObject({ good, valid, bad: valid - good, sli: good / valid })
    }
    const to = Math.floor(Date.now() / 60_000) * 60_000
    const layers = await existing.get(`/api/v1/slos/spans/layers?by=region&from=${to - 7_200_000}&to=${to}`)
    expect(layers.rows).toMatchObject([
      { value: 'eu', good: 43, valid: 50 },
      { value: 'us', good: 50, valid: 50 },
    ])
  })

  it('goes on filling them meanwhile, and what it adds is counted', async () => {
    await send(door, everyKindOfValue(Date.now()))
    for (const [name, good, valid] of [
      ['spans', 186, 200],
      ['lines', 48, 60],
      ['requests', 180, 200],
      ['latency', 100, 110],
    ] as const)
      expect(
        await eventually(
          () => existing.get(`/api/v1/slos/${name}`),
          now => now.valid === valid,
        ),
      ).toMatchObject({ good, bad: valid - good })
  })
})
