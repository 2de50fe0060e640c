import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createStore } from '../../store/client/create-store.ts'
import { migrate } from '../../store/migrations/migrate.ts'
import { freePorts, removeFolder, runNinefold } from '../factories/ninefold.ts'

/** What `ninefold up` says when it cannot start: one line with code, reason and remedy, and exit 2. */

const launcher = new URL('../../ninefold', import.meta.url).pathname
let folder: string
let ports: string[]
let specs: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ninefold-refusals-'))
  specs = join(folder, 'specs')
  mkdirSync(specs)
  const [otlp, grpc, api, metrics] = await freePorts(4)
  ports = [
    `otlp.http.port=${otlp}`,
    `otlp.grpc.port=${grpc}`,
    `api.port=${api}`,
    `metrics.port=${metrics}`,
    'log.level=error',
  ]
})
afterAll(() => removeFolder(folder))

const up = (data: string, ...more: readonly string[]) => [
  'up',
  '--data',
  data,
  '--specs',
  specs,
  ...[...ports, ...more].flatMap(set => ['--set', set]),
]
const refusal = async (args: readonly string[]) => {
  const { code, out, err } = await runNinefold(args)
  expect({ code, out }, err).toEqual({ code: 2, out: '' })
  expect(err).toMatch(/^[A-Z_]+ {2}.+ — .+\n$/)
  return err
}

describe('ninefold up refuses in one sentence', () => {
  it.each([
    ['otlp.http.port', 'OTLP'],
    ['otlp.grpc.port', 'OTLP/gRPC'],
    ['api.port', 'API'],
    ['metrics.port', 'metrics'],
  ])('a port that is taken: %s', async (key, what) => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const address = other.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const err = await refusal(up(join(folder, `port-${key}`), `${key}=${port}`))
    expect(err).toContain(`PORT_IN_USE  ${what} port ${port} on 127.0.0.1 is taken`)
    other.close()
  })

  it.each(['/dev/null/data', '/proc/ninefold/data'])('a data directory that cannot be written: %s', async data => {
    expect(await refusal(up(data))).toContain('DATA_DIR_NOT_WRITABLE')
  })

  it('data of a newer version, and leaves it as it is', async () => {
    const data = join(folder, 'newer')
    const store = await createStore({ kind: 'embedded', path: join(data, 'store') })
    await migrate(store.writer, { nowMs: Date.now() })
    const sql = `INSERT INTO schema_migrations VALUES (999, 'of_the_future', 'x', now64(3), true, 1)`
    await store.writer.execute({ name: 'newer', sql, params: z.object({}) }, {})
    await store.close()
    expect(await refusal(up(data))).toMatch(/^DATA_DIR_NEWER {2}.*999/)
    expect(await refusal(up(data))).toMatch(/^DATA_DIR_NEWER/)
  })

  it('a specs directory that does not exist', async () => {
    const nowhere = join(folder, 'nowhere')
    expect(await refusal(up(join(folder, 'no-specs'), `specs=${nowhere}`))).toContain(nowhere)
  })

  it('listening beyond loopback without tokens', async () => {
    expect(await refusal(up(join(folder, 'wide'), 'listen=0.0.0.0'))).toContain('LISTEN_WITHOUT_TOKENS')
  })

  it('a tokens file without a token', async () => {
    const file = join(folder, 'tokens')
    writeFileSync(file, '\n')
    expect(await refusal(up(join(folder, 'tokenless'), `auth.tokensFile=${file}`))).toContain('holds no token')
  })

  it('a folder of routing keys that is not there', async () => {
    const missing = join(folder, 'no-keys')
    const err = await refusal(up(join(folder, 'keyless'), `pagerduty.routingKeysDirectory=${missing}`))
    expect(err).toContain(`CONFIG_INVALID  pagerduty.routingKeysDirectory: the folder ${missing} cannot be read`)
  })

  it('a disk without space', async () => {
    const data = join(folder, 'full')
    mkdirSync(data)
    // A file system of its own, filled to the brim, that nobody but this process sees.
    const script = `mount -t tmpfs -o size=1m tmpfs ${data} && (cat /dev/zero > ${data}/ballast 2>/dev/null; exec "$@")`
    const args = ['--user', '--map-root-user', '--mount', 'sh', '-c', script, 'sh', launcher, ...up(data)]
    const { code, err } = await finished(spawn('unshare', args, { stdio: ['ignore', 'ignore', 'pipe'] }))
    expect(err).toMatch(/^DISK_FULL {2}.+ — .+\n$/)
    expect(code).toBe(2)
  })
})

describe('the command line refuses in one sentence', () => {
  it.each([
    [['frobnicate'], /USAGE {2}.*frobnicate/],
    [['up', '--frobnicate'], /USAGE {2}.*frobnicate/],
    [['up', '--set', 'frobnicate=1'], /^--set:1:1 {2}CONFIG_UNKNOWN_KEY {2}.*frobnicate/],
    [['up', '--set', 'api.port=99999'], /^--set:1:1 {2}CONFIG_WRONG_VALUE {2}api\.port/],
    [['status', 'no-such-slo', '--data', '/dev/null/data'], /NOT_RUNNING/],
  ])('%j', async (args, expected) => {
    const { code, err } = await runNinefold(args)
    expect(err).toMatch(expected)
    expect(err).not.toMatch(/\n {4}at /)
    expect(code).toBe(2)
    expect(existsSync('frobnicate')).toBe(false)
  })
})

async function finished(child: ChildProcess): Promise<{ code: number | null; err: string }> {
  let err = ''
  child.stderr?.on('data', chunk => {
    err += chunk
  })
  const [code] = await once(child, 'close')
  return { code, err }
}
