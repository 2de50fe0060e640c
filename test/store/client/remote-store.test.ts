import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@clickhouse/client'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createStore } from '../../../store/client/create-store.ts'
import { insertRemote, runRemote } from '../../../store/client/remote-statement.ts'
import type { Store } from '../../../store/client/store.ts'
import { migrate } from '../../../store/migrations/migrate.ts'
import { payloadInserts } from '../../../store/tables/payload-inserts.ts'
import { sinkOffsets } from '../../../store/tables/sink-offsets.ts'
import type { EngineUser } from '../../factories/clickhouse-http/engine-user.ts'
import { type ClickHouseHttp, startClickHouseHttp } from '../../factories/clickhouse-http/start.ts'
import { stageRequests } from '../../factories/otlp.ts'
import { defaultLayerSources } from '../../factories/store.ts'

const none = z.object({})
const statement = (sql: string) => ({ name: 'test', sql, params: none })
const at = (url: string, password = '') =>
  ({ kind: 'remote', url, username: 'default', password, database: 'default' }) as const

describe('a remote store', () => {
  it('that nobody answers for is unavailable, and the same call may succeed later', async () => {
    const attempt = createStore(at('http://127.0.0.1:1'))
    await expect(attempt).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true })
  })
})

describe('a server', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ninefold-server-'))
  const opened: { store?: Store; server?: ClickHouseHttp } = {}
  const close = async () => {
    await opened.store?.close()
    await opened.server?.kill('SIGTERM')
  }
  afterEach(close)
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const start = async (settings: Partial<Parameters<typeof startClickHouseHttp>[0]> = {}) => {
    opened.server = await startClickHouseHttp({ folder, ...settings })
    return opened.server
  }
  const open = async (as?: EngineUser) => {
    opened.store = await createStore(at((await start(as === undefined ? {} : { as })).url))
    return opened.store
  }
  const range = { Topic: 't', Partition: 0, First: 1n, Last: 2n, Bytes: 3, Token: 'x', InsertedAt: 1 }

  it('older than the statements need is refused with both versions', async () => {
    const { url } = await start({ version: '25.8.3.66' })
    await expect(createStore(at(url))).rejects.toMatchObject({
      code: 'STORE_TOO_OLD',
      retryable: false,
      message: `the ClickHouse server at ${url} is 25.8.3.66; 26.2 or newer is needed`,
    })
  })

  it('that does not know the password says so', async () => {
    const { url } = await start({ users: [{ name: 'default', password: 'right' }] })
    const attempt = createStore(at(url, 'wrong'))
    await expect(attempt).rejects.toMatchObject({
      code: 'STORE_ACCESS_DENIED',
      message: expect.stringContaining('password is incorrect'),
      details: { engineCode: '516' },
    })
    const store = await createStore(at(url, 'right'))
    await store.ping()
    await store.close()
  })

  it('has one user who writes and another who reads', async () => {
    const writer = { name: 'default', password: 'w' }
    const { url } = await start({ users: [writer, { name: 'reader', password: 'r' }] })
    const withReader = (password: string) => ({ ...at(url, 'w'), reader: { username: 'reader', password } })
    const refused = createStore(withReader('w'))
    await expect(refused).rejects.toMatchObject({ message: expect.stringContaining('reader: Authentication failed') })
    const store = await createStore(withReader('r'))
    await store.ping()
    await store.writer.execute(statement('CREATE TABLE t (a Int8) ENGINE = Memory'), {})
    await store.close()
  })

  it('without a database of that name says so', async () => {
    const { url } = await start()
    const attempt = createStore({ ...at(url), database: 'elsewhere' })
    await expect(attempt).rejects.toMatchObject({
      code: 'STORE_SCHEMA_MISMATCH',
      message: expect.stringContaining('Database elsewhere does not exist'),
    })
  })

  it('that lacks a column names it, and the rows are not to blame', async () => {
    const store = await open()
    await migrate(store.writer, { nowMs: Date.now() })
    await store.writer.execute(statement('ALTER TABLE otel_traces DROP COLUMN ScopeVersion'), {})
    const [insert] = payloadInserts(defaultLayerSources).traces
    if (insert === undefined) throw new Error('no insert')
    const file = join(folder, 'span.bin')
    stageRequests(file, 'TraceRecord', [{ resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'one' }] }] }] }])
    const attempt = store.payloads.insertPayloads(insert, file, 'token')
    await expect(attempt).rejects.toMatchObject({
      code: 'STORE_SCHEMA_MISMATCH',
      retryable: true,
      message: expect.stringContaining('ScopeVersion'),
    })
  })

  it('whose user lacks a right names the right, and the work waits for it', async () => {
    const store = await open({ grants: ['GRANT SELECT ON default.*', 'GRANT SELECT ON system.tables'] })
    await expect(store.writer.insert(sinkOffsets, [range])).rejects.toMatchObject({
      code: 'STORE_ACCESS_DENIED',
      retryable: true,
      message: expect.stringMatching(/grant INSERT\(.+\) ON default\.sink_offsets/),
    })
  })

  it('whose quota is used up says so, and the work waits', async () => {
    const store = await open({ queries: 12 })
    const useUp = async () => {
      for (let query = 0; query < 12; query++) await store.ping()
    }
    await expect(useUp()).rejects.toMatchObject({
      code: 'STORE_QUOTA_EXCEEDED',
      retryable: true,
      message: expect.stringContaining('Quota for user `default`'),
    })
  })

  it('reads through settings that a query cannot lift, table functions of the network among them', async () => {
    const store = await open({ grants: ['GRANT SELECT ON default.*'] })
    const read = (sql: string) => store.reader.query({ ...statement(sql), row: z.unknown() }, {})
    await expect(read('DROP TABLE otel_logs')).rejects.toMatchObject({ code: 'STORE_ACCESS_DENIED' })
    await expect(read('SELECT 1 SETTINGS readonly = 0')).rejects.toMatchObject({ code: 'STORE_ACCESS_DENIED' })
    const functions = ["url('http://127.0.0.1:1/', 'LineAsString', 'l String')", "file('/etc/passwd', 'LineAsString')"]
    for (const source of [...functions, "remote('127.0.0.1', system.one)"]) {
      await expect(read(`SELECT * FROM ${source}`)).rejects.toMatchObject({ code: 'STORE_ACCESS_DENIED' })
    }
  })
})

describe('a statement whose status went out before it failed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ninefold-late-'))
  let server: ClickHouseHttp
  const client = () =>
    createClient({
      url: server.url,
      clickhouse_settings: { send_progress_in_http_headers: 1, http_headers_progress_interval_ms: '50' },
    })
  beforeAll(async () => {
    server = await startClickHouseHttp({ folder })
  })
  afterAll(async () => {
    await server.kill('SIGTERM')
    rmSync(folder, { recursive: true, force: true })
  })

  it('fails all the same', async () => {
    const late = client()
    const query = "SELECT sleep(0.4), throwIf(1, 'too late') FORMAT Null"
    await expect(runRemote(late, { query, query_params: {} })).rejects.toThrow(/Code: 395.*too late/)
    await runRemote(late, { query: 'SELECT sleep(0.4) FORMAT Null', query_params: {} })
    await late.close()
  })

  it('fails with parameters too long for a URL', async () => {
    const late = client()
    const query = "SELECT sleep(0.4), throwIf(length({names: Array(String)}) > 0, 'too late')"
    const names = Array.from({ length: 2000 }, (_, index) => `name ${index}`)
    await expect(runRemote(late, { query, query_params: { names } })).rejects.toThrow(/too late/)
    await late.close()
  })

  it('fails when it is an insert', async () => {
    const late = client()
    await late.command({ query: 'CREATE TABLE n (a UInt8, c UInt8) ENGINE = Memory' })
    const insert = "INSERT INTO n SELECT a + sleep(0.4), throwIf(a = 7) FROM input('a UInt8') FORMAT JSONEachRow"
    await expect(insertRemote(late, insert, [Buffer.from('{"a":7}')])).rejects.toThrow(/Code: 395/)
    await late.close()
  })
})
