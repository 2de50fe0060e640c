import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { migrate } from '../../../store/migrations/migrate.ts'
import { type Migration, readMigrations, splitStatements } from '../../../store/migrations/migration-files.ts'
import { applyRetention } from '../../../store/migrations/retention.ts'
import { dumpSchema } from '../../../store/migrations/schema-dump.ts'
import { openStoreUnderTest, type StoreUnderTest, storeConnections } from '../../factories/store.ts'

const nowMs = 1_767_225_600_000
const own = readMigrations()
const day = 86_400
const defaults = {
  rawSeconds: 35 * day,
  sliMinuteSeconds: 100 * day,
  sliHourSeconds: 400 * day,
  sliDaySeconds: 1825 * day,
}

it('each migration has a number of its own, from 1 without a gap', () => {
  expect(own.map(({ number }) => number)).toEqual(own.map((_, index) => index + 1))
})

let under: StoreUnderTest

const schema = () => dumpSchema(under.store.reader)
/** Once a sorting key was altered the engine prints the primary key as well, also when it is the same. */
const withoutPlainKeys = (dump: string) => dump.replaceAll(/PRIMARY KEY (.+)\n(?=ORDER BY \1\n)/g, '')

describe.each(storeConnections)('over the %s connection:', connection => {
  beforeAll(async () => {
    under = await openStoreUnderTest({ migrated: false, connection })
  })
  afterAll(() => under.close())

  describe('the migrations', () => {
    it('go up one by one and each down file undoes exactly its up file', async () => {
      const before: string[] = []
      for (const { number } of own) {
        before.push(withoutPlainKeys(await schema()))
        expect(await migrate(under.store.writer, { nowMs, target: number })).toEqual([number])
      }
      for (const { number } of [...own].reverse()) {
        expect(await migrate(under.store.writer, { nowMs: nowMs + 1, target: number - 1 })).toEqual([-number])
        expect(withoutPlainKeys(await schema())).toBe(before.pop())
      }
    })

    it('make the schema of the dump, and a second run changes nothing', async () => {
      expect(await migrate(under.store.writer, { nowMs: nowMs + 2 })).toEqual(own.map(({ number }) => number))
      expect(await migrate(under.store.writer, { nowMs: nowMs + 3 })).toEqual([])
      const header =
        '-- What the migrations make, for reading; written by test/store/migrations with `vitest run test/store/migrations --update`. Do not edit.\n\n'
      await expect(header + (await schema())).toMatchFileSnapshot('../../../store/migrations/schema.sql')
    })

    it('are refused when an applied one was edited', async () => {
      const edited = own.map((migration, index) => (index === 0 ? { ...migration, checksum: 'other' } : migration))
      const attempt = migrate(under.store.writer, { nowMs, migrations: edited })
      await expect(attempt).rejects.toMatchObject({ code: 'MIGRATION_CHANGED' })
    })

    it('are refused when the data was made by a newer version', async () => {
      const attempt = migrate(under.store.writer, { nowMs, migrations: own.slice(0, -1) })
      await expect(attempt).rejects.toMatchObject({ code: 'DATA_DIR_NEWER' })
    })

    it('name the statement that fails, and stay unapplied', async () => {
      const broken: Migration = {
        number: 900,
        name: 'broken',
        up: 'CREATE TABLE fine (a Int8) ENGINE = Memory;\nCREATE TABLE wrong (a Nonsense) ENGINE = Memory;',
        down: '',
        checksum: 'x',
      }
      const attempt = migrate(under.store.writer, { nowMs: nowMs + 4, migrations: [...own, broken] })
      await expect(attempt).rejects.toMatchObject({
        code: 'MIGRATION_FAILED',
        message: expect.stringContaining('broken: CREATE TABLE wrong'),
      })
      const rows = await under.rows('SELECT max(Number) AS n FROM schema_migrations FINAL WHERE Applied')
      expect(rows).toEqual([{ n: own.at(-1)?.number }])
    })
  })

  describe('statements', () => {
    it('end at a semicolon at the end of a line, not at one inside a line or a comment', () => {
      const text = "-- a; comment\nSELECT ';' AS a,\n  'b;c';\n\nSELECT 2 ;\n-- end;\n"
      expect(splitStatements(text)).toEqual(["SELECT ';' AS a,\n  'b;c'", 'SELECT 2'])
    })
  })

  describe('retention', () => {
    it('at the defaults alters no table', async () => {
      expect(await applyRetention(under.store.writer, defaults)).toEqual([])
    })

    it('of another length alters exactly the tables it is about, once', async () => {
      const longer = { ...defaults, sliHourSeconds: 500 * day }
      expect(await applyRetention(under.store.writer, longer)).toEqual(['ratio_hour', 'sli_hour', 'slo_hour'])
      expect(await applyRetention(under.store.writer, longer)).toEqual([])
      const [row] = await under.rows(`SELECT engine_full AS e FROM system.tables WHERE name = 'sli_hour'`)
      expect(row?.e).toContain(`TTL Hour + toIntervalSecond(${500 * day})`)
      expect(await applyRetention(under.store.writer, defaults)).toEqual(['ratio_hour', 'sli_hour', 'slo_hour'])
    })

    it('keeps what coverage is made of for as long as the longest', async () => {
      const shorter = { ...defaults, sliDaySeconds: 30 * day }
      expect(await applyRetention(under.store.writer, shorter)).toContain('rollup_progress')
      const [row] = await under.rows(`SELECT engine_full AS e FROM system.tables WHERE name = 'rollup_progress'`)
      expect(row?.e).toContain(`TTL Start + toIntervalSecond(${shorter.sliHourSeconds})`)
      expect(await applyRetention(under.store.writer, defaults)).toContain('rollup_progress')
    })

    it('covers every table that has a TTL of raw events or roll-ups', async () => {
      const altered = await applyRetention(under.store.writer, {
        rawSeconds: day,
        sliMinuteSeconds: day,
        sliHourSeconds: day,
        sliDaySeconds: day,
      })
      const rows = await under.rows(`SELECT name FROM system.tables WHERE database = currentDatabase()
      AND match(name, '^(otel|sli|slo|events|event_deliveries|arrivals|rollup_progress|ratio_(minute|hour|day))') AND engine LIKE '%MergeTree' ORDER BY name`)
      expect(altered).toEqual(rows.map(({ name }) => name))
    })
  })
})
