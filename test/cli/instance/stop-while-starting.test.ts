import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { systemClock } from '../../../lib/clock.ts'
import { silentLogger } from '../../../lib/logger.ts'
import { createStore } from '../../../store/client/create-store.ts'
import { withMigrationLock } from '../../../store/migrations/migration-lock.ts'
import { type ClickHouseHttp, startClickHouseHttp } from '../../factories/clickhouse-http/start.ts'
import { eventually, freePorts, removeFolder, startNinefold } from '../../factories/ninefold.ts'

/** Processes that are asked to stop while they wait for somebody who does not answer, or while they stop. */

const launcher = new URL('../../../ninefold', import.meta.url).pathname
/** What whoever sends SIGTERM may rely on. */
const longestStopMs = 10_000

const folder = mkdtempSync(join(tmpdir(), 'ninefold-stop-'))
const sockets = new Set<Socket>()
const children = new Set<ChildProcess>()
/** Takes connections, and never says a word. */
const silentBroker = createServer(socket => {
  sockets.add(socket)
  socket.on('error', () => undefined)
})
let bus: string
let server: ClickHouseHttp

beforeAll(async () => {
  await once(silentBroker.listen(0, '127.0.0.1'), 'listening')
  bus = `127.0.0.1:${(silentBroker.address() as AddressInfo).port}`
  server = await startClickHouseHttp({ folder })
})
afterEach(() => {
  for (const child of children) child.kill('SIGKILL')
  children.clear()
  for (const socket of sockets) socket.destroy()
  sockets.clear()
})
afterAll(async () => {
  silentBroker.close()
  await server.kill('SIGKILL')
  removeFolder(folder)
})

async function begin(...args: readonly string[]) {
  const data = mkdtempSync(join(folder, 'data-'))
  const [own = 0, grpc = 0, api = 0, metrics = 0] = await freePorts(4)
  const ports = [`otlp.http.port=${own}`, `otlp.grpc.port=${grpc}`, `api.port=${api}`, `metrics.port=${metrics}`]
  const sets = ports.flatMap(port => ['--set', port])
  const child = spawn(launcher, [...args, '--data', data, ...sets], { stdio: ['ignore', 'pipe', 'pipe'] })
  children.add(child)
  let out = ''
  let log = ''
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    log += chunk.toString()
  })
  const ended = once(child, 'close')
  return {
    data,
    log: () => log,
    readiness: async () => {
      const response = await fetch(`http://127.0.0.1:${metrics}/readyz`)
      return { status: response.status, body: (await response.json()) as Record<string, unknown> }
    },
    /** @returns how it ended, and whether in the time that a stop may take. */
    terminate: async () => {
      const sentMs = performance.now()
      child.kill('SIGTERM')
      const [code] = await ended
      return { code, out, inTime: performance.now() - sentMs < longestStopMs }
    },
  }
}

describe('a start that waits for brokers which do not answer', () => {
  const starts = ['run ingest', 'run sink', 'run compute', 'run api', 'up']
  it('is alive and says that it is still starting', async () => {
    const { terminate, readiness } = await begin('run', 'ingest', '--bus', bus)
    const { status, body } = await eventually(
      () => readiness().catch(() => ({ status: 0, body: {} as Record<string, unknown> })),
      reply => reply.status !== 0,
      60_000,
    )
    expect(status).toBe(503)
    expect(body.parts).toEqual([{ part: 'start', ready: false, reason: 'still starting' }])
    expect(await terminate()).toMatchObject({ code: 0 })
  })

  it.each(starts)('of %s is given up when asked to stop', async verb => {
    const store = verb === 'up' ? [] : ['--set', `store=${server.url}`]
    const { terminate, data, log } = await begin(...verb.split(' '), '--bus', bus, ...store)
    await eventually(
      async () => sockets.size,
      count => count > 0,
      60_000,
    )
    // A start that had come to its end would have printed where it listens.
    expect(await terminate(), log()).toEqual({ code: 0, out: '', inTime: true })
    expect(existsSync(join(data, 'instance.json'))).toBe(false)
    expect(readdirSync(data).filter(name => name.startsWith('staging'))).toEqual([])
  })
})

describe('whoever waits for another process to migrate', () => {
  const waits = (log: () => string) =>
    eventually(
      async () => log(),
      text => text.includes('another process migrates the store'),
      60_000,
    )

  it('gives up when asked to stop, and leaves the lock to the one that has it', async () => {
    const at = { url: server.url, username: 'default', password: '', database: 'default' }
    const { writer, close } = await createStore({ kind: 'remote', ...at })
    const run = (sql: string) => writer.execute({ name: 'test', sql, params: z.object({}) }, {})
    await run('DROP TABLE IF EXISTS schema_migrations')
    const options = { writer, clock: systemClock, logger: silentLogger, holder: 'somebody else' }
    await withMigrationLock(options, async () => {
      const role = await begin('run', 'api', '--bus', bus, '--store', server.url)
      const migration = await begin('migrate', 'up', '--set', `store=${server.url}`)
      await waits(role.log)
      await waits(migration.log)
      expect(await role.terminate(), role.log()).toEqual({ code: 0, out: '', inTime: true })
      // A migration that did not happen is no success.
      expect(await migration.terminate()).toEqual({ code: 2, out: '', inTime: true })
      expect(migration.log()).toContain('INTERRUPTED  asked to stop by SIGTERM')
      const row = z.object({ holder: z.string() })
      const sql = `SELECT comment AS holder FROM system.tables WHERE startsWith(name, 'schema_migrations_lock')`
      const holders = await writer.query({ name: 'test', sql, params: z.object({}), row }, {})
      expect(holders).toEqual([{ holder: expect.stringContaining('somebody else') }])
    })
    await close()
  })
})

describe('a second SIGTERM', () => {
  it('ends at once what is still stopping', async () => {
    const ninefold = await startNinefold({ data: join(folder, 'up') })
    const { hostname, port } = new URL(ninefold.otlp)
    // A body that was announced and does not come is waited for; the gateway says when it has the head.
    const sender = connect(Number(port), hostname).on('error', () => undefined)
    try {
      const head = ['POST /v1/traces HTTP/1.1', 'host: x', 'content-type: application/x-protobuf', 'content-length: 9']
      sender.write([...head, 'expect: 100-continue', '', ''].join('\r\n'))
      const [answer] = (await once(sender, 'data')) as [Buffer]
      expect(answer.toString()).toMatch(/^HTTP\/1\.1 100 /)
      process.kill(ninefold.pid, 'SIGTERM')
      const isClosed = () =>
        fetch(ninefold.otlp).then(
          () => false,
          () => true,
        )
      await eventually(isClosed, closed => closed)
      // Null is the code of a process that did not end by itself.
      expect(await ninefold.kill('SIGTERM')).toBe(null)
    } finally {
      sender.destroy()
      await ninefold.kill('SIGKILL')
    }
  })
})
