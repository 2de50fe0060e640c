import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { systemClock } from '../../../lib/clock.ts'
import { silentLogger } from '../../../lib/logger.ts'
import { createStore } from '../../../store/client/create-store.ts'
import type { Store } from '../../../store/client/store.ts'
import { forCluster } from '../../../store/migrations/cluster-form.ts'
import { migrateStore } from '../../../store/migrations/migrate-store.ts'
import { readMigrations, splitStatements } from '../../../store/migrations/migration-files.ts'
import { withMigrationLock } from '../../../store/migrations/migration-lock.ts'
import { readSchemaStatus } from '../../../store/migrations/migration-status.ts'
import { applyRetention } from '../../../store/migrations/retention.ts'
import { dirtyMinutes } from '../../../store/queries/rollup-progress.ts'
import { type ClickHouseHttp, startClickHouseHttp } from '../../factories/clickhouse-http/start.ts'

const folder = mkdtempSync(join(tmpdir(), 'ninefold-cluster-'))
const options = { clock: systemClock, logger: silentLogger }
const own = readMigrations().map(({ number }) => number)
let server: ClickHouseHttp
let store: Store
const open = async (settings: Partial<Parameters<typeof startClickHouseHttp>[0]> = {}) => {
  const path = mkdtempSync(join(folder, 'data-'))
  server = await startClickHouseHttp({ folder, path, cluster: 'all', ...settings })
  const at = { kind: 'remote', url: server.url, username: 'default', password: '', database: 'default' } as const
  store = await createStore({ ...at, cluster: 'all' })
}
const run = (sql: string) => store.writer.execute({ name: 'test', sql, params: z.object({}) }, {})
const rows = (sql: string) => store.reader.query({ name: 'test', sql, params: z.object({}), row: z.unknown() }, {})

afterEach(async () => {
  await store.close()
  await server.kill('SIGKILL')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the form of the tables on a cluster', () => {
  it('is one that the engine makes, replicated, with a coordinator in its process', async () => {
    await open({ hasKeeper: true })
    const cluster = { name: 'all', database: 'default' }
    const made = readMigrations().flatMap(({ up }) => splitStatements(up).filter(sql => sql.startsWith('CREATE TABLE')))
    for (const sql of made.flatMap(each => forCluster(each, cluster))) await run(sql)
    const engines = (await rows(
      `SELECT engine, count() AS n FROM system.tables WHERE database = 'default' GROUP BY engine ORDER BY engine`,
    )) as { engine: string; n: string }[]
    const counts = new Map(engines.map(({ engine, n }) => [engine, Number(n)]))
    const replicated = [...counts].filter(([engine]) => engine.startsWith('Replicated'))
    expect(replicated.map(([engine]) => engine)).toEqual([
      'ReplicatedAggregatingMergeTree',
      'ReplicatedMergeTree',
      'ReplicatedReplacingMergeTree',
    ])
    expect(replicated.reduce((sum, [, n]) => sum + n, 0)).toBe(made.length)
    expect(counts.get('Distributed')).toBe(made.length)
    expect([...counts.keys()].filter(engine => /^(Aggregating|Replacing)?MergeTree$/.test(engine))).toEqual([])
  })
})

describe('migrating a cluster', () => {
  it('goes up, back one version with its rows kept, and up again; two at once make one', async () => {
    await open()
    const both = await Promise.all([migrateStore(store, options), migrateStore(store, options)])
    expect(both.filter(ran => ran.length > 0)).toEqual([own])
    const status = () => readSchemaStatus(store.reader, store.cluster)
    expect((await status()).differences).toEqual([])
    await run(`INSERT INTO otel_traces (Timestamp, ServiceName) SELECT now64(9), 'shop' FROM numbers(1000)`)
    expect(await rows('SELECT count() AS n FROM otel_traces_local')).toEqual([{ n: '1000' }])
    await run(`INSERT INTO spec_sets (Sequence, Revision) VALUES (1, 'abc')`)
    const [last = 0] = own.slice(-1)
    expect(await migrateStore(store, { ...options, target: last - 1 })).toEqual([-last])
    await expect(migrateStore(store, { ...options, target: 5 })).rejects.toMatchObject({
      code: 'MIGRATION_DROPS_DATA',
      message: expect.stringContaining('spec_sets_local (1 rows)'),
    })
    expect(await migrateStore(store, options)).toEqual([last])
    expect(await rows('SELECT count() AS n FROM otel_traces')).toEqual([{ n: '1000' }])
    await run('ALTER TABLE otel_logs_local DROP COLUMN EventName')
    expect((await status()).differences).toEqual(['column otel_logs_local.EventName String is missing'])
  })

  it('lets one at a time, and sets how long the local tables keep rows', async () => {
    await open()
    await migrateStore(store, options)
    const order: string[] = []
    const hold = (name: string) =>
      withMigrationLock(
        { ...options, writer: store.writer, cluster: store.cluster, holder: name, refreshMs: 100 },
        async () => {
          order.push(`${name} in`)
          await systemClock.sleep(300)
          order.push(`${name} out`)
        },
      )
    await Promise.all([hold('a'), hold('b')])
    expect(order.map(entry => entry.slice(2))).toEqual(['in', 'out', 'in', 'out'])
    const day = 86_400
    const retention = { rawSeconds: 7 * day, sliMinuteSeconds: day, sliHourSeconds: day, sliDaySeconds: day }
    const altered = await applyRetention(store.writer, retention, store.cluster)
    expect(altered).toContain('otel_traces_local')
    expect(altered.every(table => table.endsWith('_local'))).toBe(true)
    expect(await applyRetention(store.writer, retention, store.cluster)).toEqual([])
  })

  it('runs of synthetic transactions are found among the traces, and count as arrivals of their own', async () => {
    await open()
    await migrateStore(store, options)
    const attributes =
      "map('synthetic', 'true', 'ninefold.synthetic.transaction', 'buy', 'ninefold.synthetic.service', 'shop')"
    await run(`INSERT INTO otel_traces (Timestamp, ServiceName, SpanName, ResourceAttributes, SpanAttributes)
SELECT now64(9), 'ninefold-prober', 'buy', map('host.name', toString(number)), if(number < 20, ${attributes}, map('synthetic', 'true')) FROM numbers(50)`)
    expect(
      await rows(
        "SELECT Transaction, ServiceName, toString(count()) AS n FROM synthetic_results WHERE ServiceName = 'shop' GROUP BY ALL",
      ),
    ).toEqual([{ Transaction: 'buy', ServiceName: 'shop', n: '20' }])
    const arrived = "SELECT toString(sum(Rows)) AS n FROM arrivals WHERE Signal = 'synthetics'"
    await expect.poll(() => rows(arrived), { timeout: 20_000 }).toEqual([{ n: '20' }])
  })
})

describe('over two shards', () => {
  it('a subquery over another table of the cluster is worked out once for all, not refused', async () => {
    await open({ shards: 2 })
    await migrateStore(store, options)
    await expect(
      rows(
        "SELECT count() FROM arrivals WHERE Minute IN (SELECT Start FROM rollup_progress) SETTINGS distributed_product_mode = 'deny'",
      ),
    ).rejects.toThrow(/Double-distributed/)
    const dirty = { oldest: 0, signals: ['traces'], lookBackSeconds: 0, shards: 1, held: [0] }
    expect(await store.compute.query(dirtyMinutes, dirty)).toEqual([])
    expect(
      await rows(
        'SELECT count() AS n FROM slo_minute FINAL WHERE (Slo, Revision) IN (SELECT Slo, argMax(Revision, Version) FROM spec_revisions GROUP BY Slo)',
      ),
    ).toEqual([{ n: '0' }])
  })
})
