import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createNoopMeter } from '@opentelemetry/api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createEvaluator } from '../../compute/jobs/evaluator.ts'
import { createReports } from '../../compute/reports/create-reports.ts'
import { openSegmentLog } from '../../ingest/bus/segment-log/segment-log.ts'
import { createSink } from '../../ingest/sink/sink.ts'
import { systemClock } from '../../lib/clock.ts'
import { silentLogger } from '../../lib/logger.ts'
import { createStore } from '../../store/client/create-store.ts'
import type { Store } from '../../store/client/store.ts'
import { migrateStore } from '../../store/migrations/migrate-store.ts'
import { readSchemaStatus } from '../../store/migrations/migration-status.ts'
import { applyRetention } from '../../store/migrations/retention.ts'
import { payloadInserts } from '../../store/tables/payload-inserts.ts'
import { notFailed, serviceIs, sloOf, specSetOf } from '../compute/jobs/slos.ts'
import type { EngineUser } from '../factories/clickhouse-http/engine-user.ts'
import { type ClickHouseHttp, startClickHouseHttp } from '../factories/clickhouse-http/start.ts'
import { eventually, removeFolder } from '../factories/ninefold.ts'
import { attribute, encodeRequest } from '../factories/otlp.ts'
import { defaultLayerSources } from '../factories/store.ts'
import { userOfFile, userStatements } from './users-file.ts'

/** deploy/clickhouse/users.sql on the engine: each user does its work with the real parts, and nothing else. */

const clock = systemClock
const specs = specSetOf([sloOf('shop', { total: serviceIs('shop'), good: notFailed })])
const folder = mkdtempSync(join(tmpdir(), 'ninefold-users-'))
let server: ClickHouseHttp
let store: Store | undefined

const close = async () => {
  await store?.close()
  store = undefined
  await server?.kill('SIGTERM')
}
/** The store in the hands of another user of the server. */
const become = async (as?: EngineUser, database = 'ninefold') => {
  await close()
  server = await startClickHouseHttp({ folder, ...(as === undefined ? {} : { as }) })
  store = await createStore({ kind: 'remote', url: server.url, username: 'default', password: '', database })
  return store
}
const run = (sql: string) => opened().writer.execute({ name: 'test', sql, params: z.object({}) }, {})
const opened = () => {
  if (store === undefined) throw new Error('no store is open')
  return store
}
const isDenied = async (sql: string) => {
  const told = await run(sql).then(
    () => 'done',
    (error: unknown) => (error as { code?: string }).code,
  )
  expect(told, sql).toBe('STORE_ACCESS_DENIED')
}

const tableFunctions = [
  "url('http://127.0.0.1:1/', 'LineAsString', 'l String')",
  "file('/etc/passwd', 'LineAsString', 'l String')",
  "remote('127.0.0.1:1', 'system', 'one')",
  "remoteSecure('127.0.0.1:1', 'system', 'one')",
  "s3('http://127.0.0.1:1/bucket/key', 'CSV', 'l String')",
  "mysql('127.0.0.1:1', 'd', 't', 'u', 'p')",
  "postgresql('127.0.0.1:1', 'd', 't', 'u', 'p')",
  "sqlite('/etc/passwd', 't')",
  "redis('127.0.0.1:1', 'k', 'k String, v String')",
  "mongodb('127.0.0.1:1', 'd', 'c', 'u', 'p', 'l String')",
]

beforeAll(async () => {
  await become(undefined, 'default')
  await run('CREATE DATABASE ninefold')
  await run('CREATE TABLE t (a Int8) ENGINE = MergeTree ORDER BY a')
})
afterAll(async () => {
  await close()
  removeFolder(folder)
})

describe('the file of users', () => {
  it('is of statements that the engine takes, without any password, and nobody can log in yet', async () => {
    for (const sql of userStatements) {
      const query = {
        name: 'parse',
        sql: 'SELECT formatQuery({sql:String}) AS text',
        params: z.object({ sql: z.string() }),
      }
      expect(await opened().reader.query({ ...query, row: z.unknown() }, { sql })).toHaveLength(1)
      if (sql.startsWith('CREATE USER')) expect(sql).toMatch(/ IDENTIFIED WITH no_password HOST NONE\b/)
    }
  })
})

describe('the migrator', () => {
  it('makes the tables, takes the lock and sets how long rows are kept', async () => {
    const { writer, reader } = await become(userOfFile('ninefold_migrator'))
    const ran = await migrateStore(opened(), { clock, logger: silentLogger })
    expect(ran.length).toBeGreaterThan(0)
    expect((await readSchemaStatus(reader)).differences).toEqual([])
    const day = 86_400
    const retention = {
      rawSeconds: 7 * day,
      sliMinuteSeconds: 100 * day,
      sliHourSeconds: 400 * day,
      sliDaySeconds: 1825 * day,
    }
    expect(await applyRetention(writer, retention)).toContain('otel_traces')
    expect(await applyRetention(writer, retention)).toEqual([])
  })

  it('has no business with other databases, users or the outside', async () => {
    for (const sql of [
      'CREATE TABLE default.t (a Int8) ENGINE = Memory',
      'CREATE DATABASE d',
      'CREATE USER u',
      'DROP DATABASE ninefold',
    ])
      await isDenied(sql)
    await isDenied(`INSERT INTO otel_logs (Body) SELECT l FROM ${tableFunctions[0]}`)
  })
})

describe('the writer', () => {
  it('stores what is on the bus, tries what is suspicious, and works out the numbers', async () => {
    // A server reads the body of an INSERT; the one of the tests has it as a file.
    const { grants = [] } = userOfFile('ninefold_writer')
    const { payloads, writer } = await become({ grants: [...grants, 'GRANT READ ON FILE'] })
    expect(await migrateStore(opened(), { clock, logger: silentLogger })).toEqual([])
    const bus = await openSegmentLog({ directory: join(folder, 'bus') })
    const sink = createSink({
      ...{ consumer: bus.consumer, payloads, writer, inserts: payloadInserts(defaultLayerSources) },
      ...{ stagingDirectory: join(folder, 'staging'), clock, logger: silentLogger, meter: createNoopMeter() },
    })
    const at = `${BigInt(Date.now()) * 1_000_000n}`
    const spans = [1, 2, 2, 0].map(code => ({
      name: 'GET /',
      startTimeUnixNano: at,
      endTimeUnixNano: at,
      status: { code },
    }))
    const resource = { attributes: [attribute('service.name', 'shop')] }
    const value = encodeRequest('ExportTraceServiceRequest', { resourceSpans: [{ resource, scopeSpans: [{ spans }] }] })
    const produce = (bytes: Uint8Array) =>
      bus.producer.produce({ topic: 'otlp_spans', value: bytes, receivedAtMs: Date.now(), source: 'test' })
    await produce(value)
    await produce(Buffer.from([0x0a, 0x7f, 0xff, 0xff, 0xff]))
    sink.start()
    await eventually(
      async () => sink.stats(),
      ({ records, deadLetters }) => records > 0 && deadLetters === 1,
    )
    await sink.stop()
    await bus.close()
    const options = {
      store: opened(),
      specs: () => specs,
      senders: [],
      clock,
      logger: silentLogger,
      meter: createNoopMeter(),
    }
    expect(await createEvaluator(options).tick()).toMatchObject({ evaluated: 1, rows: 4 })
  })

  it('makes, changes and deletes nothing', async () => {
    await become(userOfFile('ninefold_writer'))
    const definitions = ['CREATE TABLE t (a Int8) ENGINE = Memory', 'CREATE VIEW v AS SELECT 1', 'DROP TABLE otel_logs']
    const changes = [
      'ALTER TABLE otel_logs DROP COLUMN Body',
      'ALTER TABLE otel_logs DELETE WHERE 1',
      'DELETE FROM otel_logs WHERE 1',
    ]
    const more = ['TRUNCATE TABLE otel_logs', 'INSERT INTO schema_migrations (Number) VALUES (1)', 'CREATE USER u']
    for (const sql of [...definitions, ...changes, ...more]) await isDenied(sql)
    for (const source of tableFunctions)
      await isDenied(`INSERT INTO otel_logs (Body) SELECT toString(*) FROM ${source}`)
  })
})

describe('the reader', () => {
  it('shows the numbers', async () => {
    const { reader } = await become(userOfFile('ninefold_reader'))
    const [status] = await createReports({ reader, specs: () => specs, clock }).listStatuses()
    expect(status).toMatchObject({ good: 2n, valid: 4n })
  })

  it('reads nothing else, writes nothing, and no setting lifts that', async () => {
    for (const sql of [
      'INSERT INTO otel_logs (Body) VALUES (1)',
      'DROP TABLE otel_logs',
      'CREATE TEMPORARY TABLE t (a Int8)',
    ])
      await isDenied(sql)
    for (const source of [...tableFunctions, 'system.users', "executable('id', 'TSV', 'l String')", 'default.t'])
      await isDenied(`SELECT * FROM ${source}`)
    for (const setting of ['readonly = 0', 'allow_ddl = 1', 'max_memory_usage = 0', 'max_execution_time = 3600'])
      await isDenied(`SELECT 1 SETTINGS ${setting}`)
  })
})
