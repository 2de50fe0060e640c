import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { systemClock } from '../../../lib/clock.ts'
import { silentLogger } from '../../../lib/logger.ts'
import { createStore } from '../../../store/client/create-store.ts'
import type { Store } from '../../../store/client/store.ts'
import { migrateStore } from '../../../store/migrations/migrate-store.ts'
import { type Migration, readMigrations } from '../../../store/migrations/migration-files.ts'
import { withMigrationLock } from '../../../store/migrations/migration-lock.ts'
import { readSchemaStatus } from '../../../store/migrations/migration-status.ts'
import { type ClickHouseHttp, startClickHouseHttp } from '../../factories/clickhouse-http/start.ts'

const program = fileURLToPath(new URL('./migrate-process.ts', import.meta.url))
const own = readMigrations().map(({ number }) => number)
const options = { clock: systemClock, logger: silentLogger }
const deferred = () => Promise.withResolvers<void>()

let folder: string
let server: ClickHouseHttp
let store: Store
const run = (sql: string) => store.writer.execute({ name: 'test', sql, params: z.object({}) }, {})
const rows = (sql: string) => store.reader.query({ name: 'test', sql, params: z.object({}), row: z.unknown() }, {})
const open = async (settings: Partial<Parameters<typeof startClickHouseHttp>[0]> = {}) => {
  server = await startClickHouseHttp({ folder, ...settings })
  store = await createStore({ kind: 'remote', url: server.url, username: 'default', password: '', database: 'default' })
}
const close = async () => {
  await store.close()
  await server.kill('SIGTERM')
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ninefold-migrate-'))
  await open()
})
afterEach(close)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('of several processes that migrate a server at once', () => {
  it('one does, the others wait, and all go on with the same schema', async () => {
    const started = Array.from({ length: 3 }, () => promisify(execFile)(process.execPath, [program, server.url]))
    const ran = (await Promise.all(started)).map(({ stdout }) => JSON.parse(stdout) as number[])
    expect(ran.filter(numbers => numbers.length > 0)).toEqual([own])
    expect((await readSchemaStatus(store.reader)).differences).toEqual([])
    expect(await rows(`SELECT name FROM system.tables WHERE startsWith(name, 'schema_migrations_')`)).toEqual([])
  })

  it('none begins while another holds the lock, however long that takes', async () => {
    const [held, release] = [deferred(), deferred()]
    const lock = { ...options, writer: store.compute, holder: 'another', refreshMs: 100, staleMs: 2000 }
    const holding = withMigrationLock(lock, async () => {
      held.resolve()
      await release.promise
    })
    await held.promise
    const events: string[] = []
    const migrating = migrateStore(store, options).then(ran => void events.push(`ran ${ran.length}`))
    await new Promise(resolve => setTimeout(resolve, 3500))
    // Longer than a lock without a sign of life would be respected.
    const impatient = withMigrationLock({ ...lock, holder: 'third' }, async () => void events.push('third'))
    await new Promise(resolve => setTimeout(resolve, 300))
    expect(events).toEqual([])
    release.resolve()
    await Promise.all([holding, migrating, impatient])
    expect(events.sort()).toEqual([`ran ${own.length}`, 'third'])
  })

  it('the next takes the lock away from one that ended without letting go', async () => {
    await run(`CREATE TABLE schema_migrations_lock (Nothing UInt8) ENGINE = MergeTree ORDER BY tuple() COMMENT 'gone'`)
    let entered = 0
    const enter = () =>
      withMigrationLock(
        { ...options, writer: store.writer, holder: 'next', refreshMs: 100, staleMs: 500 },
        async () => {
          entered++
          expect(entered).toBe(1)
          await new Promise(resolve => setTimeout(resolve, 50))
          entered--
        },
      )
    await Promise.all([enter(), enter(), enter()])
    expect(await rows(`SELECT name FROM system.tables WHERE startsWith(name, 'schema_migrations_lock')`)).toEqual([])
  })
})

describe('migrating that is asked to stop', () => {
  it('ends between two migrations, and lets the lock go', async () => {
    const [first, second] = [901, 902].map(number => ({
      ...{ number, name: `slow_${number}`, checksum: String(number), down: '' },
      up: `CREATE TABLE slow_${number} (a Int8) ENGINE = MergeTree ORDER BY a;\nINSERT INTO slow_${number} SELECT sleep(2);\n`,
    })) as [Migration, Migration]
    const asked = new AbortController()
    const migrating = migrateStore(store, { ...options, migrations: [first, second], signal: asked.signal })
    const ended = expect(migrating).rejects.toThrow('enough')
    const tables = () => rows(`SELECT name FROM system.tables WHERE startsWith(name, 'slow_') ORDER BY name`)
    while ((await tables()).length === 0) await new Promise(resolve => setTimeout(resolve, 20))
    asked.abort(new Error('enough'))
    await ended
    expect(await tables()).toEqual([{ name: 'slow_901' }])
    expect(await rows(`SELECT name FROM system.tables WHERE startsWith(name, 'schema_migrations_lock')`)).toEqual([])
    expect(await migrateStore(store, { ...options, migrations: [first, second] })).toEqual([902])
  })
})

describe('a schema that is where it should be', () => {
  it('needs no right but to read', async () => {
    await migrateStore(store, options)
    await close()
    await open({ as: { grants: ['GRANT SELECT ON default.*'] } })
    expect(await migrateStore(store, options)).toEqual([])
  })
})

describe('a migration', () => {
  const half: Migration = {
    number: 900,
    name: 'half',
    up: 'CREATE TABLE first (a Int8) ENGINE = MergeTree ORDER BY a;\nINSERT INTO second SELECT 1;\n',
    down: 'DROP TABLE first;\n',
    checksum: 'half',
  }
  const migrations = [...readMigrations(), half]

  it('whose process ended in the middle is finished by the next', async () => {
    await expect(migrateStore(store, { ...options, migrations })).rejects.toMatchObject({ code: 'MIGRATION_FAILED' })
    await run('CREATE TABLE second (a Int8) ENGINE = MergeTree ORDER BY a')
    expect(await migrateStore(store, { ...options, migrations })).toEqual([900])
    expect(await migrateStore(store, { ...options, migrations })).toEqual([])
  })

  it('is not undone while a table that goes with it holds rows, unless that is wanted; other tables keep theirs', async () => {
    await run('CREATE TABLE second (a Int8) ENGINE = MergeTree ORDER BY a')
    await migrateStore(store, { ...options, migrations })
    await run('INSERT INTO first SELECT number FROM numbers(7)')
    await run(`INSERT INTO otel_traces (Timestamp, ServiceName) SELECT now64(9), 'shop' FROM numbers(1000)`)
    const back = { ...options, migrations, target: own.at(-1) ?? 0 }
    await expect(migrateStore(store, back)).rejects.toMatchObject({
      code: 'MIGRATION_DROPS_DATA',
      message: 'undoing migration 900 (half) would drop first (7 rows)',
    })
    expect(await rows('SELECT count() AS n FROM first')).toEqual([{ n: '7' }])
    expect(await migrateStore(store, { ...back, dropData: true })).toEqual([-900])
    expect(await rows('SELECT count() AS n FROM otel_traces')).toEqual([{ n: '1000' }])
    // What an older version sees is what it knows; it starts.
    expect(await migrateStore(store, options)).toEqual([])
    expect(await migrateStore(store, { ...options, migrations })).toEqual([900])
  })
})

describe('the status of a schema', () => {
  it('names columns that are missing or of another type, and tables that are gone', async () => {
    await migrateStore(store, options)
    expect((await readSchemaStatus(store.reader)).differences).toEqual([])
    await run('ALTER TABLE otel_logs DROP COLUMN EventName')
    await run('ALTER TABLE otel_traces MODIFY COLUMN TraceState LowCardinality(String)')
    await run('ALTER TABLE otel_traces ADD COLUMN Mine String')
    await run('DROP TABLE service_versions')
    expect((await readSchemaStatus(store.reader)).differences).toEqual([
      'column otel_logs.EventName String is missing',
      'column otel_traces.TraceState is LowCardinality(String) and should be String',
      'table service_versions is missing',
    ])
  })
})
