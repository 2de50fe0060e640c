import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createStore } from '../../../store/client/create-store.ts'
import { readMigrations } from '../../../store/migrations/migration-files.ts'
import { type ClickHouseHttp, startClickHouseHttp } from '../../factories/clickhouse-http/start.ts'
import { removeFolder, runNinefold } from '../../factories/ninefold.ts'
import { storeConnections } from '../../factories/store.ts'

const known = readMigrations()
const names = known.map(({ number, name }) => `${String(number).padStart(3, '0')}_${name}`)
const newest = names.at(-1) ?? ''
const specSets = known.find(({ name }) => name === 'spec_sets')?.number ?? 0

describe.each(storeConnections)('ninefold migrate over the %s store', connection => {
  let folder: string
  let server: ClickHouseHttp | undefined
  const migrate = (...args: string[]) =>
    runNinefold([
      'migrate',
      ...args,
      '--data',
      join(folder, 'data'),
      ...(server === undefined ? [] : ['--set', `store=${server.url}`]),
    ])
  const execute = async (sql: string) => {
    const store = await createStore(
      server === undefined
        ? { kind: 'embedded', path: join(folder, 'data/store') }
        : { kind: 'remote', url: server.url, username: 'default', password: '', database: 'default' },
    )
    await store.writer.execute({ name: 'test', sql, params: z.object({}) }, {})
    await store.close()
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ninefold-migrate-'))
    server = connection === 'http' ? await startClickHouseHttp({ folder }) : undefined
  })
  afterAll(async () => {
    await server?.kill('SIGTERM')
    removeFolder(folder)
  })

  it('goes up, says where it stands, and dumps what it made', async () => {
    expect(await migrate('up')).toEqual({ code: 0, out: names.map(name => `applied  ${name}\n`).join(''), err: '' })
    expect((await migrate('up')).out).toBe('nothing to do\n')
    const { code, out } = await migrate('status')
    expect(code).toBe(0)
    expect(out.split('\n').slice(0, -1)).toEqual(
      known.map(({ name }) => expect.stringMatching(new RegExp(`^\\d{3}  ${name} +applied +\\d{4}-.+Z$`))),
    )
    expect((await migrate('dump')).out).toMatch(/^CREATE TABLE default\.alerts\n[\s\S]+CREATE MATERIALIZED VIEW/)
  })

  it('goes back one version, not over rows unless told to, and forward again', async () => {
    await execute(`INSERT INTO spec_sets (Sequence, Revision) VALUES (1, 'abc')`)
    const beforeSpecSets = String(specSets - 1)
    const refused = await migrate('down', '--to', beforeSpecSets)
    expect([refused.code, refused.err]).toEqual([
      2,
      expect.stringMatching(
        /^MIGRATION_DROPS_DATA {2}undoing migration .+ would drop spec_sets \(1 rows\) — .*--drop-data.+\n$/,
      ),
    ])
    expect(await migrate('down')).toMatchObject({ code: 0, out: `undone   ${newest}\n` })
    const status = await migrate('status', '--json')
    expect(status.code).toBe(1)
    expect(JSON.parse(status.out).migrations.at(-1)).toMatchObject({ state: 'pending', appliedAtMs: null })
    expect(await migrate('down', '--to', beforeSpecSets, '--drop-data')).toMatchObject({ code: 0 })
    const again = known.map(({ number }) => number).filter(number => number >= specSets)
    expect((await migrate('up', '--json')).out).toBe(`{"ran":${JSON.stringify(again)}}\n`)
  })

  it('shows what somebody else changed, and exits 1', async () => {
    await execute('ALTER TABLE otel_logs DROP COLUMN EventName')
    const { code, out } = await migrate('status')
    expect([code, out]).toEqual([1, expect.stringContaining('\ncolumn otel_logs.EventName String is missing\n')])
  })

  it('refuses, in one sentence each, a newer store, a number that is none, and a direction that is not one', async () => {
    expect((await migrate('up', '--to', '77')).err).toMatch(
      /^USAGE {2}--to takes 0 or the number of a migration, 1 to \d+ — /,
    )
    expect((await migrate('up', '--to', '1')).err).toMatch(/^USAGE {2}the store is at \d+: 1 is not up from there/)
    expect((await migrate('sideways')).err).toMatch(/^USAGE {2}migrate takes status, up, down or dump/)
    await execute(`INSERT INTO schema_migrations VALUES (999, 'of_the_future', 'x', now64(3), true, 1)`)
    const { code, err } = await migrate('up')
    expect([code, err]).toEqual([2, expect.stringMatching(/^DATA_DIR_NEWER {2}.*999 \(of_the_future\).+ — .+\n$/)])
    const status = await migrate('status')
    expect([status.code, status.out]).toEqual([1, expect.stringMatching(/999 {2}of_the_future +unknown/)])
  })
})

describe('ninefold migrate', () => {
  it('says that there is no data rather than making some', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ninefold-migrate-'))
    const nowhere = join(folder, 'nowhere')
    const { code, err } = await runNinefold(['migrate', 'status', '--data', nowhere])
    expect([code, err]).toEqual([2, expect.stringContaining(`NOT_RUNNING  there is no data in ${nowhere}`)])
    removeFolder(folder)
  })
})
