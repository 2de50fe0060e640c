import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { removeFolder } from '../ninefold.ts'
import { type ClickHouseHttp, startClickHouseHttp } from './start.ts'

/** Format Native over HTTP, in and out, as clients of the native protocol's kind use it. */

const folder = mkdtempSync(join(tmpdir(), 'ninefold-native-'))
let server: ClickHouseHttp
beforeAll(async () => {
  server = await startClickHouseHttp({ folder })
})
afterAll(async () => {
  await server.kill('SIGTERM')
  removeFolder(folder)
})

async function ask(sql: string, search: Record<string, string> = {}, data: Uint8Array = Buffer.alloc(0)) {
  const url = `${server.url}/?${new URLSearchParams(search)}`
  const response = await fetch(url, { method: 'POST', body: Buffer.concat([Buffer.from(sql), data]) })
  return { status: response.status, body: Buffer.from(await response.arrayBuffer()) }
}
const native = async (sql: string, revision: number) =>
  (await ask(sql, { default_format: 'Native', client_protocol_version: String(revision) })).body

const info = Buffer.from('010002ffffffff00', 'hex')
const columns = [
  ...['1::UInt8', '-1::Int16', '7::UInt256', '0.5::Float32', 'true', `'text'`, `repeat('long ', 60)`, `''`],
  ...[`toFixedString('abc', 5)`, `toDecimal32('1.5', 3)`, `toDecimal128('1.5', 3)`, 'NULL', 'toNullable(3)'],
  ...[
    `toDate('2026-01-02')`,
    `toDateTime64('2026-01-02 03:04:05', 9, 'UTC')`,
    'toIntervalDay(2)',
    `toUUID('61f0c404-5cb3-11e7-907b-a6006ad3dba0')`,
  ],
  ...[`'a'::Enum8('a' = 1, 'b, (c' = 2)`, `toIPv6('::1')`, `(1::UInt8, 'b')::Tuple(\`x (\` UInt8, y String)`],
  ...[`toLowCardinality('l')`, `toLowCardinality(toNullable('n'))`, '[]::Array(LowCardinality(String))', `[['a'], []]`],
  ...[
    `map('k', ['v', 'w'])`,
    `map('k', 'v')::Map(LowCardinality(String), LowCardinality(String))`,
    `[(1, 'a'), (2, 'b')]`,
  ],
].map((value, index) => `${value} AS c${10 + index}`)

/** What a server writes of one block with all columns, from the engine's own bytes of each column alone. */
async function expected(from: string): Promise<Buffer> {
  const alone = await Promise.all(columns.map(column => native(`SELECT ${column} ${from}`, 0)))
  const parts = alone.map(bytes => {
    // Behind the counts of columns and rows a name of three letters and a type of fewer than 128.
    const typeEnd = 7 + (bytes[6] ?? 0)
    return Buffer.concat([bytes.subarray(2, typeEnd), Buffer.from([0]), bytes.subarray(typeEnd)])
  })
  return Buffer.concat([info, Buffer.from([columns.length, alone[0]?.[1] ?? 0]), ...parts])
}

describe('a client that names its protocol version', () => {
  it.each([1, 3])('reads every type of column as a server of that version writes it, in %i rows', async rows => {
    const from = `FROM numbers(${rows})`
    const whole = await native(`SELECT ${columns.join(', ')} ${from}`, 54_460)
    expect(whole.toString('latin1')).toBe((await expected(from)).toString('latin1'))
  })

  it('of before columns could be written in ways of their own has no byte that says so', async () => {
    const plain = await native('SELECT 1 AS v', 0)
    expect(await native('SELECT 1 AS v', 54_453)).toEqual(Buffer.concat([info, plain]))
  })

  it('reads block after block', async () => {
    const sql = 'SELECT number, toString(number) FROM numbers(1000) SETTINGS max_block_size = 100'
    const [plain, revised] = [await native(sql, 0), await native(sql, 54_460)]
    expect(revised.length - plain.length).toBe(10 * (info.length + 2))
  })

  it('is told that the server here does not write what it would write otherwise', async () => {
    const { status, body } = await ask(`SELECT '{"a":1}'::JSON`, {
      ...{ default_format: 'Native', client_protocol_version: '54460' },
    })
    expect([status, body.toString()]).toEqual([501, expect.stringMatching(/^Code: 48\. .*does not write JSON /)])
  })
})

describe('an INSERT with data in a binary format', () => {
  it.each(['Native', 'RowBinary'])('takes %s by the columns that it names, in its order', async format => {
    await ask('CREATE OR REPLACE TABLE t (a UInt8, b String, c UInt8 DEFAULT 9) ENGINE = Memory')
    const { body } = await ask(`SELECT 'x' AS b, 5::UInt8 AS a FORMAT ${format}`)
    const { status } = await ask(`INSERT INTO "default"."t" (b, a) FORMAT ${format}\n`, {}, body)
    expect([status, (await ask('SELECT * FROM t')).body.toString()]).toEqual([200, '5\tx\t9\n'])
  })
})
