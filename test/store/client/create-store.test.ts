import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createStore } from '../../../store/client/create-store.ts'
import type { Reader, Writer } from '../../../store/client/store.ts'
import { openStoreUnderTest, type StoreUnderTest } from '../../factories/store.ts'

const secondProcess = fileURLToPath(new URL('./second-process.ts', import.meta.url))
const none = z.object({})
const anyRow = z.record(z.string(), z.unknown())
const read = (reader: Reader, sql: string, settings: Record<string, number> = {}) =>
  reader.query({ name: 'test', sql, params: none, row: anyRow }, {}, { settings })
const run = (writer: Writer, sql: string) => writer.execute({ name: 'test', sql, params: none }, {})
const openElsewhere = (path: string, wrapper: readonly string[] = []) => {
  const [command = process.execPath, ...args] = [...wrapper, process.execPath, secondProcess, path]
  const { stdout } = spawnSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  return JSON.parse(stdout) as unknown
}

describe('an embedded store', () => {
  let under: StoreUnderTest
  beforeAll(async () => {
    under = await openStoreUnderTest({ migrated: false, connection: 'embedded' })
    await run(under.store.writer, 'CREATE TABLE t (a UInt64, b Int64, f Float64) ENGINE = MergeTree ORDER BY a')
  })
  afterAll(() => under.close())

  it('says which process has the directory open when a second one tries', () => {
    const path = join(under.folder, 'store')
    expect(openElsewhere(path)).toEqual({
      code: 'DATA_DIR_LOCKED',
      message: `process ${process.pid} has the data directory ${path} open`,
      details: { pid: process.pid },
    })
  })

  it('reads through a connection that cannot write, whatever SQL reaches it', async () => {
    const attempt = read(under.store.reader, 'DROP TABLE t')
    await expect(attempt).rejects.toMatchObject({ code: 'STORE_ACCESS_DENIED', details: { engineCode: '164' } })
    await expect(read(under.store.reader, 'SELECT 1 AS x SETTINGS readonly = 0')).rejects.toThrow()
    expect(await read(under.store.reader, 'SELECT count() AS n FROM t')).toHaveLength(1)
  })

  it('keeps every digit of 64-bit integers in both directions', async () => {
    const table = { name: 't', row: z.object({ a: z.bigint(), b: z.bigint(), f: z.number() }) }
    const row = { a: 2n ** 64n - 1n, b: -(2n ** 63n), f: 0.1 }
    await under.store.writer.insert(table, [row])
    expect(await read(under.store.reader, 'SELECT a, b, f FROM t')).toEqual([
      { a: '18446744073709551615', b: '-9223372036854775808', f: 0.1 },
    ])
  })

  it('ends a read that takes too long or too much memory, as something that may pass', async () => {
    const slow = read(under.store.reader, 'SELECT sum(sleepEachRow(0.05)) FROM numbers(100)', {
      max_execution_time: 0.1,
      max_block_size: 1,
    })
    await expect(slow).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', details: { engineCode: '159' } })
    const big = read(under.store.reader, 'SELECT groupArray(number) FROM numbers(10000000)', {
      max_memory_usage: 1_000_000,
    })
    await expect(big).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', details: { engineCode: '241' } })
  })

  it('does not let the settings of one statement reach the next on the same connection', async () => {
    const rows = z.object({ a: z.bigint(), b: z.bigint(), f: z.number() })
    await run(
      under.store.writer,
      'CREATE TABLE d (a UInt64, b Int64, f Float64) ENGINE = MergeTree ORDER BY a SETTINGS non_replicated_deduplication_window = 100',
    )
    const insert = (token?: string) =>
      under.store.writer.insert(
        { name: 'd', row: rows },
        [{ a: 1n, b: 1n, f: 1 }],
        token === undefined ? {} : { deduplicationToken: token },
      )
    await insert('once')
    await insert('once')
    expect(await read(under.store.reader, 'SELECT count() AS n FROM d')).toEqual([{ n: '1' }])
    await insert('twice')
    expect(await read(under.store.reader, 'SELECT count() AS n FROM d')).toEqual([{ n: '2' }])
  })

  it('names a column that the row schema does not expect', async () => {
    const query = { name: 'shape', sql: 'SELECT 1 AS other', params: none, row: z.object({ n: z.number() }) }
    await expect(under.store.reader.query(query, {})).rejects.toMatchObject({ code: 'STORE_ROW_SHAPE' })
  })

  it('lets a small read through while the writer is busy', async () => {
    let busy = true
    const long = run(under.store.writer, 'SELECT sleep(3) FORMAT Null').then(() => {
      busy = false
    })
    await under.store.ping()
    expect(busy).toBe(true)
    await long
  })
})

describe('a directory', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ninefold-directory-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('that this user may not write is told apart from a locked one', () => {
    const path = join(folder, 'foreign')
    mkdirSync(path)
    chmodSync(folder, 0o755)
    const asNobody = process.getuid?.() === 0 ? ['setpriv', '--reuid=65534', '--clear-groups'] : []
    chmodSync(path, 0o555)
    expect(openElsewhere(path, asNobody)).toMatchObject({ code: 'DATA_DIR_NOT_WRITABLE' })
    expect(openElsewhere(join(path, 'below'), asNobody)).toMatchObject({ code: 'DATA_DIR_NOT_WRITABLE' })
  })

  it('closes while statements run and others wait behind them: each is ended, and the process can leave', async () => {
    const path = join(folder, 'busy')
    const source = `import { createStore } from '${new URL('../../../store/client/create-store.ts', import.meta.url)}'
      const store = await createStore({ kind: 'embedded', path: '${path}' })
      const endless = { name: 'endless', sql: 'SELECT count() FROM numbers(1e15) WHERE cityHash64(number) % 7 = 3', params: { parse: () => ({}) } }
      const codes = [store.reader, store.compute].flatMap(half => [1, 2].map(() => half.query(endless, {}).catch(error => error.code)))
      await new Promise(resolve => setTimeout(resolve, 500))
      await store.close()
      console.log(JSON.stringify(await Promise.all(codes)))
      process.exit(0)`
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', source], {
      encoding: 'utf8',
      // As the launcher has it: a statement occupies a thread.
      env: { ...process.env, UV_THREADPOOL_SIZE: '12' },
    })
    expect({ status: child.status, signal: child.signal, said: child.stdout.trim() }).toEqual({
      status: 0,
      signal: null,
      said: JSON.stringify(Array(4).fill('STORE_UNAVAILABLE')),
    })
  })

  it('left behind by a killed process opens again', async () => {
    const path = join(folder, 'killed')
    const source = `import { createStore } from '${new URL('../../../store/client/create-store.ts', import.meta.url)}'
      const store = await createStore({ kind: 'embedded', path: '${path}' })
      await store.writer.execute({ name: 't', sql: 'CREATE TABLE t (a Int8) ENGINE = MergeTree ORDER BY a', params: { parse: () => ({}) } }, {})
      console.log('open'); setInterval(() => {}, 1000)`
    const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await new Promise(resolve => child.stdout.once('data', resolve))
    expect(openElsewhere(path)).toMatchObject({ code: 'DATA_DIR_LOCKED', details: { pid: child.pid } })
    child.kill('SIGKILL')
    await new Promise(resolve => child.once('exit', resolve))
    const store = await createStore({ kind: 'embedded', path })
    expect(await read(store.reader, 'SELECT count() AS n FROM t')).toEqual([{ n: '0' }])
    await store.close()
    await expect(store.ping()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true })
  })
})
