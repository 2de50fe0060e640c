import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createClickHouseSource } from '../../../compute/sources/clickhouse.ts'
import { NinefoldError } from '../../../lib/errors.ts'
import type { QueriedIndicator, QueryMeaning } from '../../../slo-specs/schema/model.ts'
import { openStoreUnderTest, type StoreUnderTest } from '../../factories/store.ts'

/** Queries that people write, over the real engine; the table of orders has one a second, every tenth of which failed. */

let opened: StoreUnderTest
const begin = 1_767_225_600
const span = { from: begin, to: begin + 300 }
const signal = new AbortController().signal

beforeAll(async () => {
  opened = await openStoreUnderTest()
  const run = (sql: string) => opened.store.writer.execute({ name: 'orders', sql, params: opened.noParams }, {})
  await run(
    'CREATE TABLE orders (time DateTime, ok Bool, region String, amount Decimal(10, 2)) ENGINE = MergeTree ORDER BY time',
  )
  await run(
    `INSERT INTO orders SELECT toDateTime(${begin} + number), number % 10 != 0, if(number % 2 = 0, 'eu', 'us'), 1.5 FROM numbers(300)`,
  )
})
afterAll(() => opened.close())

const range = 'time >= {from:DateTime} AND time < {to:DateTime}'
function pull(meaning: QueryMeaning, of = span) {
  const indicator: QueriedIndicator = {
    kind: 'queried',
    name: 'asked',
    signal: 'clickhouse/x',
    source: { type: 'clickhouse' },
    meaning,
    layerLabels: {},
  }
  return createClickHouseSource(opened.store.guest).pull(indicator, of, signal)
}
const raw = (query: string): QueryMeaning => ({ kind: 'raw', query, shareOf: 'good' })
const values = (query: string): QueryMeaning => ({ kind: 'threshold', query, comparison: '<', value: 10 })

async function refusal(query: string): Promise<string> {
  const error = await pull(values(query)).then(
    counts =>
      new Error(
        `answered: ${JSON.stringify(counts, (_, value) => (typeof value === 'bigint' ? Number(value) : value)).slice(0, 300)}`,
      ),
    (caught: unknown) => caught,
  )
  return error instanceof NinefoldError ? `${error.code}: ${error.message}` : String(error)
}

describe('a ClickHouse query', () => {
  it('gives good and valid by minute and layer', async () => {
    const { covered, counts } = await pull(
      raw(
        `SELECT toStartOfMinute(time) AS time, countIf(ok) AS good, count() AS valid, region FROM orders WHERE ${range} GROUP BY ALL -- every minute`,
      ),
    )
    expect([...covered].sort()).toEqual([0, 60, 120, 180, 240].map(seconds => begin + seconds))
    expect(counts).toHaveLength(10)
    expect(counts.find(({ minute, layers }) => minute === begin && layers.region === 'eu')).toEqual({
      minute: begin,
      layers: { region: 'eu' },
      good: 24n,
      valid: 30n,
    })
  })

  it('gives one side of a ratio each, of which the part may be silent', async () => {
    const side = (where: string) =>
      `SELECT time AS time, count() AS value FROM orders WHERE ${range} AND ${where} GROUP BY time;`
    const bad = await pull({ kind: 'counts', total: side('1'), part: side('NOT ok'), partIs: 'bad', isCounter: false })
    expect(bad.counts.map(({ good, valid }) => [Number(good), Number(valid)])).toEqual(Array(5).fill([54, 60]))
    const none = await pull({ kind: 'counts', total: side('1'), part: side('0'), partIs: 'bad', isCounter: false })
    expect(none.counts.every(({ good, valid }) => good === valid && valid === 60n)).toBe(true)
  })

  it('gives values that are judged, and ready-made shares', async () => {
    const amounts = `SELECT toStartOfMinute(time) AS time, sum(amount) AS value FROM orders WHERE ${range} GROUP BY time ORDER BY time`
    const { counts } = await pull({ kind: 'threshold', query: amounts, comparison: '<=', value: 90 })
    expect(counts.map(({ good }) => Number(good))).toEqual([1, 1, 1, 1, 1])
    const share = `WITH toStartOfMinute(time) AS minute SELECT minute AS time, avg(ok) AS value FROM orders WHERE ${range} GROUP BY minute`
    expect((await pull(raw(share))).counts[0]).toMatchObject({ good: 900_000n, valid: 1_000_000n })
  })

  it('leaves a minute without a row uncovered, and covers one that says zero', async () => {
    const longer = { from: begin + 240, to: begin + 420 }
    const query = `SELECT toStartOfMinute(time) AS time, countIf(ok) AS good, count() AS valid FROM orders WHERE ${range} GROUP BY time`
    expect((await pull(raw(query), longer)).covered).toEqual([begin + 240])
    const filled = `${query} ORDER BY time WITH FILL FROM toStartOfMinute({from:DateTime}) TO {to:DateTime} STEP INTERVAL 1 MINUTE`
    expect((await pull(raw(filled), longer)).covered).toEqual([240, 300, 360].map(seconds => begin + seconds))
  })
})

describe('what is refused', () => {
  const tables = [
    "url('http://127.0.0.1:1/x', CSV, 'time DateTime, value UInt8')",
    "file('/etc/passwd', LineAsString)",
    "s3('http://127.0.0.1:1/bucket/x', 'CSV', 'time DateTime')",
    "remote('127.0.0.1:1', system.one)",
    "remoteSecure('127.0.0.1:1', system.one)",
    "mysql('127.0.0.1:1', 'a', 'b', 'c', 'd')",
    "postgresql('127.0.0.1:1', 'a', 'b', 'c', 'd')",
    "executable('x.sh', CSV, 'time DateTime')",
    "cluster('default', system.one)",
    "merge('default', '.*')",
    "input('time DateTime')",
    "sqlite('/tmp/x', 't')",
    "jdbc('x', 'y')",
    "fileCluster('default', '/etc/passwd')",
    "urlCluster('default', 'http://127.0.0.1:1')",
    "dictionary('d')",
    'loop(orders)',
    "view(SELECT * FROM file('/etc/passwd'))",
  ]
  it.each(tables)('the table function %s', async table => {
    expect(await refusal(`SELECT * FROM ${table}`)).toMatch(/SOURCE_REFUSED: the query reads from the table function/)
    expect(await refusal(`SELECT now() AS time, 1 AS value WHERE 1 IN (SELECT 1 FROM ${table})`)).toMatch(
      /SOURCE_REFUSED/,
    )
  })

  it.each([
    ["SELECT file('/etc/passwd') AS value", /uses the function file/],
    ["SELECT File ('/etc/passwd') AS value", /SOURCE_REFUSED/],
    ["SELECT dictGet('d', 'a', 1) AS value", /uses the function dictGet/],
    ['SELECT sleepEachRow(3) AS value FROM numbers(100)', /uses the function sleepEachRow/],
    ['SELECT getSetting(1) AS value', /uses the function getSetting/],
    ['SELECT * FROM system.users', /reads system.users/],
    ['SELECT * FROM System.tables', /reads System.tables/],
    ['SELECT * FROM other.orders', /another database's/],
    ['SELECT now() AS time, 1 AS value WHERE 1 IN (system.tables)', /reads system.tables/],
    ['SELECT now() AS time, 1 AS value WHERE 1 IN system.tables', /reads system.tables/],
    ['SELECT now() AS time, 1 AS value SETTINGS readonly = 0', /settings of its own/],
    ['SELECT * FROM (SELECT 1 SETTINGS max_execution_time = 0)', /settings of its own/],
    ['SELECT * FROM (EXPLAIN AST SELECT 1)', /SOURCE_REFUSED/],
    ["SELECT 1 INTO OUTFILE '/tmp/x'", /SOURCE_REFUSED/],
    ['SELECT 1 FORMAT CSV', /SOURCE_REFUSED/],
    ['INSERT INTO orders VALUES (1, 1, 1, 1)', /SOURCE_REFUSED/],
    ['DROP TABLE orders', /SOURCE_REFUSED/],
    ['ALTER TABLE orders DELETE WHERE 1', /SOURCE_REFUSED/],
    ['SELECT 1; DROP TABLE orders', /SOURCE_REFUSED/],
    ['SELECT 1) AS a, (SELECT 2', /SOURCE_REFUSED/],
    ['SELECT 1) UNION ALL SELECT * FROM (SELECT 2', /SOURCE_REFUSED/],
    ['SELECT 1 /* ', /SOURCE_REFUSED/],
    ['SYSTEM SHUTDOWN', /SOURCE_REFUSED/],
    ['SET readonly = 0', /SOURCE_REFUSED/],
    ['', /SOURCE_REFUSED/],
    ['SELECT * FROM nothing', /SOURCE_REFUSED/],
    ['SELECT number AS time, number AS value FROM numbers(100000000000)', /SOURCE_TOO_LARGE/],
    ['SELECT toDateTime(number) AS time, number AS value FROM numbers(1000000)', /SOURCE_TOO_LARGE/],
    ['SELECT groupArray(a.number) AS value FROM numbers(100000) AS a, numbers(1500) AS b', /SOURCE_TOO_LARGE/],
  ])('%s', async (query, message) => {
    expect(await refusal(query)).toMatch(message)
  })

  it.each([
    ['SELECT 1 AS value', /wanted are time and value/],
    [
      "SELECT now() AS time, 1 AS good, 1 AS valid, 'x' AS tenant",
      /the column tenant is neither a count nor one of the layers/,
    ],
    ["SELECT 'today' AS time, 1 AS value", /time is of type String/],
    ['SELECT toDateTime(0) AS time, 1 AS value', /no row lies between/],
    [`SELECT time AS time, 'many' AS value FROM orders WHERE ${range}`, /row 1: value is "many", which is no number/],
  ])('an answer of another shape: %s', async (query, message) => {
    expect(await refusal(query)).toMatch(message)
  })

  it('counts that are none', async () => {
    const query = `SELECT time AS time, 1 AS good, -1 AS valid FROM orders WHERE ${range}`
    await expect(pull(raw(query))).rejects.toThrow(/row 1: valid is -1, which is no count/)
    await expect(pull(raw(`SELECT time AS time, 1.5 AS value FROM orders WHERE ${range}`))).rejects.toThrow(/no share/)
  })

  it('and nothing of it was done', async () => {
    expect(await opened.rows('SELECT count() AS orders FROM orders')).toEqual([{ orders: '300' }])
    const { counts } = await pull(raw(`SELECT time AS time, 1 AS good, 1 AS valid FROM orders WHERE ${range}`))
    expect(counts).toHaveLength(5)
  })
})
