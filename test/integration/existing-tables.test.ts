import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { splitStatements } from '../../store/migrations/migration-files.ts'
import { type ClickHouseHttp, startClickHouseHttp } from '../factories/clickhouse-http/start.ts'
import { eventually, type RunningNinefold, removeFolder, runNinefold, startNinefold } from '../factories/ninefold.ts'
import { attribute, encodeRequest } from '../factories/otlp.ts'

/**
 * Tables as the Collector's ClickHouse exporter makes them, by its published columns and without any of ours, read as they are: the numbers
 * are those of the same events through our own door.
 */

const slo = (name: string, signal: string, filter: string, good: string) => `---
apiVersion: openslo/v1
kind: SLO
metadata: { name: ${name} }
spec:
  service: shop
  budgetingMethod: Occurrences
  timeWindow: [{ duration: 30d, isRolling: true }]
  objectives: [{ target: 0.9 }]
  indicator:
    metadata: { name: ${name}-good }
    spec:
      ratioMetric:
        good: { metricSource: { type: telemetry, spec: { signal: ${signal}, filter: '${filter} && ${good}' } } }
        total: { metricSource: { type: telemetry, spec: { signal: ${signal}, filter: '${filter}' } } }
`
const specs = `apiVersion: openslo/v1
kind: Service
metadata: { name: shop }
spec: { description: A shop }
${slo('spans', 'traces', 'service.name == "shop"', 'status != "Error"')}${slo('lines', 'logs', 'service.name == "shop"', 'severity < "ERROR"')}`

const published = splitStatements(readFileSync(new URL('./existing-tables.sql', import.meta.url), 'utf8'))
const folder = mkdtempSync(join(tmpdir(), 'ninefold-existing-'))
let server: ClickHouseHttp
let own: RunningNinefold
let existing: RunningNinefold

const sql = async (statement: string) => {
  const response = await fetch(server.url, { method: 'POST', body: statement })
  const text = await response.text()
  if (!response.ok) throw new Error(`${statement}: ${text}`)
  return text
}
const tables = ['otel_traces', 'otel_logs', 'otel_metrics_sum']
const created = async () => {
  const texts = await Promise.all(tables.map(table => sql(`SHOW CREATE TABLE default.${table}`)))
  return [...texts, await sql("SELECT name FROM system.tables WHERE database = 'default' ORDER BY name")]
}

async function send(atMs: number): Promise<void> {
  const nanos = (index: number) => `${BigInt(atMs) * 1_000_000n + BigInt(index)}`
  const resource = (region: string) => ({
    attributes: [
      attribute('service.name', 'shop'),
      attribute('cloud.region', region),
      attribute('host.name', `${region}-1`),
    ],
  })
  const spans = (bad: number) =>
    Array.from({ length: 50 }, (_, index) => ({
      ...{ name: 'GET /', kind: 2, startTimeUnixNano: nanos(index), endTimeUnixNano: nanos(index + 9) },
      status: { code: index < bad ? 2 : index % 2 },
      attributes: [attribute('db.system', 'postgresql')],
    }))
  const logRecords = Array.from({ length: 30 }, (_, index) => ({
    ...{ timeUnixNano: nanos(index), severityNumber: index < 6 ? 17 : 9, severityText: index < 6 ? 'ERROR' : 'INFO' },
    body: { stringValue: `line ${index}` },
  }))
  const traces = encodeRequest('ExportTraceServiceRequest', {
    resourceSpans: [
      { resource: resource('eu'), scopeSpans: [{ spans: spans(7) }] },
      { resource: resource('us'), scopeSpans: [{ spans: spans(0) }] },
    ],
  })
  const logs = encodeRequest('ExportLogsServiceRequest', {
    resourceLogs: [{ resource: resource('eu'), scopeLogs: [{ logRecords }] }],
  })
  for (const [signal, body] of [
    ['traces', traces],
    ['logs', logs],
  ] as const) {
    const headers = { 'content-type': 'application/x-protobuf' }
    const response = await fetch(`${own.otlp}/v1/${signal}`, { method: 'POST', headers, body: Buffer.from(body) })
    expect(response.status).toBe(200)
  }
}

/** What our door stored, as the exporter writes it: its columns alone, an older version's status among them. */
async function exportRows(): Promise<void> {
  for (const table of ['otel_traces', 'otel_logs']) {
    await sql(`TRUNCATE TABLE default.${table}`)
    const described = await sql(
      `SELECT name FROM system.columns WHERE database = 'default' AND table = '${table}' AND default_kind = '' FORMAT TSV`,
    )
    const columns = described.trim().split('\n')
    const values = columns.map(name =>
      name === 'StatusCode'
        ? `if(Region = 'eu', concat('STATUS_CODE_', upper(StatusCode)), StatusCode)`
        : `\`${name}\``,
    )
    await sql(
      `INSERT INTO default.${table} (${columns.map(name => `\`${name}\``).join(', ')}) SELECT ${values.join(', ')} FROM own.${table}`,
    )
  }
}

const valid = (instance: RunningNinefold, name: string, count: number) =>
  eventually(
    () => instance.get(`/api/v1/slos/${name}`),
    now => now.valid === count,
  )
/** Without the forecasts, which move with the clock. */
const numbersOf = ({ good, valid: all, bad, sli, errorBudget }: Record<string, unknown>) => {
  const { allowed, consumed, remaining, remainingRatio } = errorBudget as Record<string, unknown>
  return { good, all, bad, sli, allowed, consumed, remaining, remainingRatio }
}

beforeAll(async () => {
  writeFileSync(join(folder, 'shop.yaml'), specs)
  server = await startClickHouseHttp({ folder })
  for (const database of ['own', 'ninefold']) await sql(`CREATE DATABASE ${database}`)
  for (const statement of published) await sql(statement)
  own = await startNinefold({
    specs: folder,
    data: join(folder, 'a'),
    sets: [`store=${server.url}`, 'store.database=own'],
  })
})
afterAll(async () => {
  await own.kill('SIGKILL')
  await existing?.kill('SIGKILL')
  await server.kill('SIGTERM')
  removeFolder(folder)
})

describe('`ninefold up --tables existing`', () => {
  it('counts what a Collector has stored, and adds nothing to its tables', async () => {
    const before = await created()
    await send(Date.now() - 3_600_000)
    await valid(own, 'spans', 100)
    await valid(own, 'lines', 30)
    await exportRows()
    existing = await startNinefold({
      ...{ specs: folder, data: join(folder, 'b') },
      sets: [`store=${server.url}`, 'store.database=ninefold', 'store.tables=existing'],
    })
    for (const [name, count] of [
      ['spans', 100],
      ['lines', 30],
    ] as const)
      expect(numbersOf(await valid(existing, name, count))).toEqual(numbersOf(await valid(own, name, count)))
    expect(await existing.get('/api/v1/slos/spans')).toMatchObject({ good: 93, bad: 7 })
    const to = Math.floor(Date.now() / 60_000) * 60_000
    for (const layer of ['region', 'node', 'component']) {
      const path = `/api/v1/slos/spans/layers?by=${layer}&from=${to - 7_200_000}&to=${to}`
      const { rows } = await existing.get(path)
      expect(rows).toEqual((await own.get(path)).rows)
    }
    expect(await created()).toEqual(before)
  })

  it('counts what comes later, late rows too, and the same after a restart', async () => {
    await send(Date.now())
    await send(Date.now() - 3_500_000)
    const expected = numbersOf(await valid(own, 'spans', 300))
    await exportRows()
    // What is an hour old is found by a look that reaches that far, which a start takes.
    await existing.kill('SIGTERM')
    existing = await startNinefold({
      ...{ specs: folder, data: join(folder, 'b') },
      sets: [`store=${server.url}`, 'store.database=ninefold', 'store.tables=existing+index'],
    })
    expect(numbersOf(await valid(existing, 'spans', 300))).toEqual(expected)
    await send(Date.now())
    await valid(own, 'spans', 400)
    await exportRows()
    expect(await valid(existing, 'spans', 400)).toMatchObject({ good: 372 })
  })

  it('adds the index that was allowed, and nothing else', async () => {
    const [traces = ''] = await created()
    const index = /\s*,\\n {4}INDEX idx_ninefold_time Timestamp TYPE minmax GRANULARITY 1/
    expect(traces).toMatch(index)
    const columns = await sql(`SELECT count() FROM system.columns WHERE database = 'default' AND table = 'otel_traces'`)
    expect(columns.trim()).toBe('22')
  })

  it('takes no telemetry of its own', async () => {
    await expect(fetch(`${existing.otlp}/v1/traces`, { method: 'POST' })).rejects.toThrow()
  })

  it.each([
    ['without a server', [], /CONFIG_INVALID .*set `store`/],
    ['in the database of the tables', ['URL'], /CONFIG_INVALID .*store\.database must be another/],
    [
      'where there are none',
      ['URL', 'store.database=own', 'store.tablesDatabase=ninefold2'],
      /STORE_SCHEMA_MISMATCH .*ninefold2 has none/,
    ],
    [
      'beside tables of our own',
      ['URL', 'store.database=own'],
      /STORE_SCHEMA_MISMATCH .*own has a table otel_traces of its own/,
    ],
  ])('is refused in one sentence %s', async (_, sets, sentence) => {
    const all = sets.map(set => (set === 'URL' ? `store=${server.url}` : set)).flatMap(set => ['--set', set])
    const ports = ['otlp.http.port=0', 'otlp.grpc.port=0', 'api.port=0', 'metrics.port=0'].flatMap(set => [
      '--set',
      set,
    ])
    const data = join(folder, 'refused')
    const { code, err } = await runNinefold([
      'up',
      '--tables',
      'existing',
      '--data',
      data,
      '--specs',
      folder,
      ...ports,
      ...all,
    ])
    expect([code, err]).toEqual([2, expect.stringMatching(sentence)])
  })
})
