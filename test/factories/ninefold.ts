import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const launcher = new URL('../../ninefold', import.meta.url).pathname

/** How long a test waits for what takes a moment, on a machine with much else to do. */
const patienceMs = 90_000

/** Below the ports that the system gives to outgoing connections: one of those could take a port before its owner listens. */
const [lowestPort, highestPort] = [10_000, 32_767]

/** Ports that nobody listens on now; taken all at once, so that no two are the same. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = new Map<number, Server>()
  while (servers.size < count) {
    const port = randomInt(lowestPort, highestPort + 1)
    const server = createServer().listen(port, '127.0.0.1')
    await once(server, 'listening').then(
      () => servers.set(port, server),
      () => undefined,
    )
  }
  await Promise.all([...servers.values()].map(server => new Promise(resolve => server.close(resolve))))
  return [...servers.keys()]
}

export interface RunningNinefold {
  readonly otlp: string
  readonly otlpGrpc: string
  readonly api: string
  readonly metrics: string
  readonly data: string
  readonly pid: number
  /** Standard error so far. */
  log(): string
  get(path: string): Promise<Record<string, unknown>>
  kill(signal: NodeJS.Signals): Promise<number | null>
}

/** `ninefold up` as a user runs it, on ports of its own; resolves when it answers. */
export async function startNinefold(
  options: { readonly data?: string; readonly specs?: string; readonly sets?: readonly string[] } = {},
): Promise<RunningNinefold> {
  const data = options.data ?? mkdtempSync(join(tmpdir(), 'ninefold-up-'))
  const [otlp = 0, grpc = 0, api = 0, metrics = 0] = await freePorts(4)
  const ports = [`otlp.http.port=${otlp}`, `otlp.grpc.port=${grpc}`, `api.port=${api}`, `metrics.port=${metrics}`]
  const sets = [...ports, ...(options.sets ?? [])]
  const args = ['up', '--data', data, ...(options.specs === undefined ? [] : ['--specs', options.specs])]
  const child = spawn(launcher, [...args, ...sets.flatMap(set => ['--set', set])], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let log = ''
  child.stderr.on('data', (chunk: Buffer) => {
    log += chunk.toString()
  })
  const base = `http://127.0.0.1:${api}`
  await waitUntilReady(child, `${base}/readyz`, () => log)
  return {
    otlp: `http://127.0.0.1:${otlp}`,
    otlpGrpc: `http://127.0.0.1:${grpc}`,
    api: base,
    metrics: `http://127.0.0.1:${metrics}/metrics`,
    data,
    pid: child.pid ?? 0,
    log: () => log,
    get: async path => (await fetch(base + path)).json() as Promise<Record<string, unknown>>,
    kill: async signal => {
      const exited = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : Promise.resolve()
      child.kill(signal)
      await exited
      return child.exitCode
    },
  }
}

async function waitUntilReady(child: ChildProcess, url: string, log: () => string): Promise<void> {
  const deadline = Date.now() + patienceMs
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`ninefold ended with ${child.exitCode}: ${log()}`)
    const ready = await fetch(url)
      .then(response => response.ok)
      .catch(() => false)
    if (ready) return
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  child.kill('SIGKILL')
  throw new Error(`ninefold did not become ready: ${log()}`)
}

export interface CommandResult {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** One verb of the CLI, to its end. */
export function runNinefold(args: readonly string[], environment: Record<string, string> = {}): Promise<CommandResult> {
  return new Promise(resolve => {
    const child = spawn(launcher, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...environment } })
    let out = ''
    let err = ''
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString()
    })
    child.stderr.on('data', (chunk: Buffer) => {
      err += chunk.toString()
    })
    child.on('close', code => resolve({ code, out, err }))
  })
}

/** Asks until `check` accepts the answer. */
export async function eventually<T>(
  ask: () => Promise<T>,
  check: (value: T) => boolean,
  timeoutMs = patienceMs,
): Promise<T> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const value = await ask()
    if (check(value)) return value
    if (Date.now() > deadline)
      throw new Error(`not within ${timeoutMs} ms; last: ${JSON.stringify(value).slice(0, 2000)}`)
    await new Promise(resolve => setTimeout(resolve, 100))
  }
}

export function removeFolder(path: string): void {
  rmSync(path, { recursive: true, force: true })
}
