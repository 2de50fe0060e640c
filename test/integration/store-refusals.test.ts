import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EngineUser } from '../factories/clickhouse-http/engine-user.ts'
import { type ClickHouseHttp, startClickHouseHttp } from '../factories/clickhouse-http/start.ts'
import {
  eventually,
  freePorts,
  type RunningNinefold,
  removeFolder,
  runNinefold,
  startNinefold,
} from '../factories/ninefold.ts'
import { attribute, encodeRequest } from '../factories/otlp.ts'

/** A ClickHouse server that says no: at the start with one sentence, later with lag that goes when the reason goes. */

let folder: string
let server: ClickHouseHttp
let port: number
const restart = async (settings: {
  as?: EngineUser
  version?: string
  users?: { name: string; password: string }[]
}) => {
  await server?.kill('SIGTERM')
  server = await startClickHouseHttp({ folder, port, ...settings })
}
const up = async (...sets: string[]) => {
  const [otlp = 0, grpc = 0, api = 0, metrics = 0] = await freePorts(4)
  const ports = [`otlp.http.port=${otlp}`, `otlp.grpc.port=${grpc}`, `api.port=${api}`, `metrics.port=${metrics}`]
  const all = [...ports, `store=http://127.0.0.1:${port}`, ...sets]
  return runNinefold(['up', '--data', join(folder, 'refused'), ...all.flatMap(set => ['--set', set])])
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ninefold-refusals-'))
  const [free = 0] = await freePorts(1)
  port = free
})
afterAll(async () => {
  await server.kill('SIGTERM')
  removeFolder(folder)
})

describe('`ninefold up` ends with one sentence that names what to change when the server', () => {
  it('does not answer', async () => {
    const { code, err } = await up()
    expect([code, err]).toEqual([2, expect.stringMatching(/^STORE_UNAVAILABLE {2}.*ECONNREFUSED.* — Check .+\n$/)])
  })

  it('is too old', async () => {
    await restart({ version: '25.8.3.66' })
    const { code, err } = await up()
    expect(code).toBe(2)
    expect(err).toMatch(
      /^STORE_TOO_OLD {2}the ClickHouse server at .+ is 25\.8\.3\.66; 26\.2 or newer is needed — Upgrade .+\n$/,
    )
  })

  it('knows another password', async () => {
    await restart({ users: [{ name: 'ninefold', password: 'right' }] })
    writeFileSync(join(folder, 'password'), 'wrong\n')
    const { code, err } = await up('store.username=ninefold', `store.passwordFile=${join(folder, 'password')}`)
    expect(code).toBe(2)
    expect(err).toMatch(
      /^STORE_ACCESS_DENIED {2}.*password is incorrect.* — Correct store\.username and store\.passwordFile.+\n$/,
    )
    expect(err).not.toContain('wrong')
  })

  it('has no database of that name', async () => {
    await restart({})
    const { code, err } = await up('store.database=elsewhere')
    expect([code, err]).toEqual([2, expect.stringMatching(/^STORE_SCHEMA_MISMATCH {2}.*elsewhere.* — .+\n$/)])
  })

  it('gives its user no right to make the tables', async () => {
    await restart({ as: { grants: ['GRANT SELECT ON default.*'] } })
    const { code, err } = await up()
    expect(code).toBe(2)
    expect(err).toMatch(/^STORE_ACCESS_DENIED {2}.*CREATE TABLE ON default\.schema_migrations.* — .+\n$/)
  })

  it('is named by something that is not its URL', async () => {
    const wrong = await up('store=clickhouse:9000')
    expect([wrong.code, wrong.err]).toEqual([
      2,
      expect.stringContaining('store takes `embedded` or the http(s) URL of a ClickHouse server'),
    ])
    const secret = await up('store=http://me:hush@127.0.0.1:8123')
    expect([secret.code, secret.err]).toEqual([2, expect.stringContaining('store.username and store.passwordFile')])
    expect(secret.err).not.toContain('hush')
  })
})

describe('a server that begins to refuse', () => {
  let instance: RunningNinefold
  const send = async (name: string) => {
    const attributes = [attribute('service.name', 'shop')]
    const startTimeUnixNano = `${BigInt(Date.now()) * 1_000_000n}`
    const spans = Array.from({ length: 10 }, () => ({ name, startTimeUnixNano, endTimeUnixNano: startTimeUnixNano }))
    const body = encodeRequest('ExportTraceServiceRequest', {
      resourceSpans: [{ resource: { attributes }, scopeSpans: [{ spans }] }],
    })
    const headers = { 'content-type': 'application/x-protobuf' }
    const { status } = await fetch(`${instance.otlp}/v1/traces`, { method: 'POST', headers, body: Buffer.from(body) })
    expect(status).toBe(200)
  }
  const stored = async () => {
    const query = 'SELECT SpanName, count() FROM otel_traces GROUP BY SpanName ORDER BY SpanName FORMAT CSV'
    return (await fetch(server.url, { method: 'POST', body: query })).text()
  }
  const pipeline = async () => {
    const { bus, sink } = await instance.get('/api/v1/pipeline')
    return {
      ...(bus as { lagRecords: number }),
      ...(sink as { records: number; failures: number; deadLetters: number }),
    }
  }
  /** What the process says comes by another way than its answers. */
  const untilLogged = (from: number, ...texts: string[]) =>
    eventually(
      async () => instance.log().slice(from),
      said => texts.every(text => said.includes(text)),
    )
  const sinkStored = (records: number) => eventually(pipeline, now => now.records === records)

  beforeAll(async () => {
    await restart({})
    instance = await startNinefold({ data: join(folder, 'data'), sets: [`store=${server.url}`] })
  })
  afterAll(() => instance.kill('SIGKILL'))

  it.each([
    ['rights', { grants: ['GRANT ALL ON *.*', 'REVOKE INSERT ON default.otel_traces'] }, 'STORE_ACCESS_DENIED'],
    ['queries', { queries: 1 }, 'STORE_QUOTA_EXCEEDED'],
  ])('for want of %s lets what was acknowledged wait, says why, and skips nothing', async (name, as, code) => {
    const before = await pipeline()
    await restart({ as })
    try {
      await send(name)
      const waiting = await eventually(pipeline, ({ failures }) => failures > before.failures + 1)
      expect(waiting).toMatchObject({ lagRecords: 1, deadLetters: 0 })
      await untilLogged(0, code)
      const scraped = async () => (await fetch(instance.metrics)).text()
      const series = new RegExp(`ninefold_sink_failures_total\\{.*code="${code}"`)
      await eventually(scraped, text => series.test(text))
    } finally {
      await restart({})
    }
    await sinkStored(before.records + 1)
    expect(await stored()).toContain(`"${name}",10\n`)
  })

  it('for want of a column lets it wait until the column is there', async () => {
    const alter = (sql: string) => fetch(server.url, { method: 'POST', body: `ALTER TABLE otel_traces ${sql}` })
    await alter('DROP COLUMN ScopeVersion')
    const before = await pipeline()
    await send('column')
    const waiting = await eventually(pipeline, ({ failures }) => failures > before.failures + 1)
    expect(waiting).toMatchObject({ lagRecords: 1, deadLetters: 0 })
    await untilLogged(0, 'STORE_SCHEMA_MISMATCH')
    await alter('ADD COLUMN ScopeVersion String')
    await sinkStored(before.records + 1)
    expect(await stored()).toBe('"column",10\n"queries",10\n"rights",10\n')
    expect((await pipeline()).deadLetters).toBe(0)
  })

  it.each([
    [
      'of another kind',
      'MODIFY COLUMN StatusMessage Array(UInt8)',
      'MODIFY COLUMN StatusMessage String',
      'column otel_traces.StatusMessage is Array(UInt8) and should be String: ALTER TABLE otel_traces MODIFY COLUMN `StatusMessage` String',
    ],
    [
      'that takes no such values',
      "MODIFY COLUMN SpanKind Enum8('Nothing' = 1)",
      'MODIFY COLUMN SpanKind LowCardinality(String)',
      "column otel_traces.SpanKind is Enum8('Nothing' = 1) and should be LowCardinality(String): ALTER TABLE otel_traces MODIFY COLUMN `SpanKind` LowCardinality(String)",
    ],
  ])('for a column %s lets it wait, says what to change, and puts nothing aside', async (name, change, back, said) => {
    const alter = async (sql: string) => {
      const response = await fetch(server.url, { method: 'POST', body: `ALTER TABLE otel_traces ${sql}` })
      expect(await response.text()).toBe('')
    }
    await fetch(server.url, { method: 'POST', body: 'TRUNCATE TABLE otel_traces' })
    await alter(change)
    const told = instance.log().length
    const before = await pipeline()
    await send(name)
    const waiting = await eventually(pipeline, ({ failures }) => failures > before.failures + 1)
    expect(waiting).toMatchObject({ lagRecords: 1, deadLetters: 0 })
    // The dry runs pass, so the payloads are not to blame.
    await untilLogged(told, 'STORE_SCHEMA_MISMATCH', said)
    await alter(back)
    await sinkStored(before.records + 1)
    expect(await stored()).toBe(`"${name}",10\n`)
  })

  it('is content with a table that has wider columns, and more of them', async () => {
    const alter = (sql: string) => fetch(server.url, { method: 'POST', body: `ALTER TABLE otel_traces ${sql}` })
    await alter('MODIFY COLUMN Duration UInt128, ADD COLUMN Mine String')
    const before = await pipeline()
    await send('wide')
    await sinkStored(before.records + 1)
    expect(await stored()).toContain('"wide",10\n')
    expect((await pipeline()).deadLetters).toBe(0)
  })

  it('is noticed by readiness, and by nobody once it answers again', async () => {
    const ready = async () => (await fetch(`${instance.api}/readyz`)).status
    const before = await pipeline()
    await server.kill('SIGKILL')
    await eventually(ready, status => status === 503)
    await send('away')
    await restart({})
    await eventually(ready, status => status === 200)
    await sinkStored(before.records + 1)
    expect(await stored()).toContain('"away",10\n')
  })
})
