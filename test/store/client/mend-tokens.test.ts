import { spawnSync } from 'node:child_process'
import { appendFileSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

let path: string
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'ninefold-tokens-'))
})
afterEach(() => rmSync(path, { recursive: true }))

const createStore = new URL('../../../store/client/create-store.ts', import.meta.url).href

/** Inserts each of the numbers under its own token, in a process of its own. @returns how often each is there. */
function insertEach(...numbers: number[]): Record<string, number> {
  const source = `import { createStore } from '${createStore}'
    const store = await createStore({ kind: 'embedded', path: '${path}' })
    const run = sql => store.writer.execute({ name: 't', sql, params: { parse: () => ({}) } }, {})
    await run('CREATE TABLE IF NOT EXISTS t (a Int64) ENGINE = MergeTree ORDER BY a SETTINGS non_replicated_deduplication_window = 100')
    await run('SYSTEM STOP MERGES t')
    for (const n of ${JSON.stringify(numbers)}) await run("INSERT INTO t SETTINGS insert_deduplication_token = 'token-" + n + "' VALUES (" + n + ")")
    const all = { parse: value => value, safeParse: data => ({ success: true, data }) }
    const rows = await store.reader.query({ name: 'q', sql: 'SELECT a, count() AS n FROM t GROUP BY a ORDER BY a', params: { parse: () => ({}) }, row: all }, {})
    await store.close()
    console.log(JSON.stringify(Object.fromEntries(rows.map(({ a, n }) => [a, Number(n)]))))
    process.exit(0)`
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', source], { encoding: 'utf8' })
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout) as Record<string, number>
}

const only = (pattern: string): string => {
  const [found] = globSync(join(path, 'store/*/*', pattern))
  if (found === undefined) throw new Error(`there is no ${pattern}`)
  return found
}
const log = () => only('deduplication_logs/*.txt')

describe('tokens of inserts that did not come to their end', () => {
  it('without rows are forgotten, so that the replay is stored', () => {
    insertEach(1, 2, 3)
    rmSync(only('all_3_3_0'), { recursive: true })
    expect(insertEach(1, 2, 3)).toEqual({ 1: 1, 2: 1, 3: 1 })
  })

  it.each(['1', '1\tall_9_', '1\tall_9_9_0', '1\tall_9_9_0\tall_12', '1\tall_9_9_0\tall_12_34'])(
    'of which half a line is left (%j) do not take the next one with them',
    half => {
      insertEach(1)
      appendFileSync(log(), half)
      expect(insertEach(2)).toEqual({ 1: 1, 2: 1 })
      appendFileSync(log(), half)
      expect(insertEach(1, 2)).toEqual({ 1: 1, 2: 1 })
    },
  )

  it('are left alone where everything is whole', () => {
    insertEach(1, 2)
    const before = readFileSync(log(), 'utf8')
    insertEach(1, 2)
    expect(readFileSync(log(), 'utf8')).toBe(before)
  })

  it('glued behind half a line by an engine that went on are found in it', () => {
    insertEach(1, 2)
    const whole = readFileSync(log(), 'utf8').trimEnd().split('\n')
    rmSync(log())
    appendFileSync(
      join(only('deduplication_logs'), 'deduplication_log_1.txt'),
      `${whole[0]}\n1\tall_9_9_0\tall_5${whole[1]}\n`,
    )
    expect(insertEach(1, 2)).toEqual({ 1: 1, 2: 1 })
  })
})
