import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeEngineConfig } from './engine-config.ts'
import type { EngineUser } from './engine-user.ts'

export interface ServerSettings {
  /** Everything the server writes is below. */
  readonly folder: string
  /** The engine's data directory. */
  readonly path: string
  readonly port?: number
  readonly users?: readonly { readonly name: string; readonly password: string }[]
  /** What `version()` says instead of the truth. */
  readonly version?: string
  /** The server is the only one of a cluster of this name: see `onOneServer`. */
  readonly cluster?: string
  /** Of the cluster, all of them this server: what each reads it reads again, so only for whether statements are taken. */
  readonly shards?: number
  /** A coordinator in the engine's process: replicated tables can be made, though not filled. */
  readonly hasKeeper?: boolean
  /** For the engine, in the command-line form of `clickhouse local`. */
  readonly engineArguments?: readonly string[]
}

export interface ClickHouseHttp {
  readonly url: string
  readonly port: number
  readonly pid: number
  kill(signal: NodeJS.Signals): Promise<void>
}

const program = fileURLToPath(new URL('./serve.ts', import.meta.url))

/** A server over a data directory in `folder`, on a port of its own; it ends with this process at the latest. */
export async function startClickHouseHttp(
  settings: { readonly folder: string; readonly as?: EngineUser } & Partial<ServerSettings>,
): Promise<ClickHouseHttp> {
  const folder = join(settings.folder, 'server')
  mkdirSync(folder, { recursive: true })
  const { as, ...given } = settings
  const engineArguments = writeEngineConfig(folder, { ...settings, as })
  const all: ServerSettings = { path: join(folder, 'data'), ...given, engineArguments, folder }
  const child = spawn(process.execPath, [program, JSON.stringify(all)], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    // A statement occupies a thread of the pool: small ones must not wait for large ones.
    env: { ...process.env, UV_THREADPOOL_SIZE: '16' },
  })
  const port = await new Promise<number>((resolve, reject) => {
    child.stdout?.once('data', (line: Buffer) => resolve((JSON.parse(line.toString()) as { port: number }).port))
    child.once('exit', code => reject(new Error(`the test server ended with ${code}`)))
  })
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    pid: child.pid ?? 0,
    kill: async signal => {
      const exited = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : Promise.resolve()
      child.kill(signal)
      const overdue = setTimeout(() => child.kill('SIGKILL'), 10_000)
      await exited
      clearTimeout(overdue)
    },
  }
}
