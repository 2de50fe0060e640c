import { type ChildProcess, spawn } from 'node:child_process'
import { openSync } from 'node:fs'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Clock } from '../../lib/clock.ts'
import { NinefoldError } from '../../lib/errors.ts'
import { type RoleName, roleNames } from '../instance/role-names.ts'

export interface RoleProcesses {
  readonly otlpUrl: string
  readonly apiUrl: string
  readonly metricsUrl: string
  /** Which process plays which role at the moment. */
  pids(): Readonly<Record<RoleName, number>>
  stop(): Promise<void>
}

export interface RoleProcessesOptions {
  /** What the configuration of all of them comes from. */
  readonly configArguments: readonly string[]
  /** `path=value` for all roles, stronger than those. */
  readonly sets: readonly string[]
  /** For one role, stronger still. */
  readonly own: Readonly<Partial<Record<RoleName, readonly string[]>>>
  /** Standard error of all of them. */
  readonly logFile: string
  readonly clock: Clock
  /** Called when one ended by itself, before it is started again. */
  readonly onEnd: (role: RoleName, how: string) => void
}

type Urls = Readonly<Record<string, string>>

const main = fileURLToPath(new URL('../main.ts', import.meta.url))
const restartAfterMs = 500
const endTimeoutMs = 12_000

/**
 * The four roles as `ninefold run` starts them, each a process of its own that is started again when it ends. They hang on this process by a
 * channel: when it ends, however it ends, they do.
 * @throws DEMO_ROLE_FAILED when one cannot be started, with what to look at.
 */
export async function startRoleProcesses(options: RoleProcessesOptions): Promise<RoleProcesses> {
  const log = openSync(options.logFile, 'a')
  const children = new Map<RoleName, ChildProcess>()
  const ports = new Map<RoleName, readonly string[]>()
  let isStopping = false

  const launch = (role: RoleName): Promise<Urls> => {
    const sets = [...options.sets, ...(options.own[role] ?? []), ...(ports.get(role) ?? [])]
    const args = [main, 'run', role, '--json', ...options.configArguments, ...sets.flatMap(set => ['--set', set])]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', log, 'ipc'] })
    children.set(role, child)
    return new Promise((resolve, reject) => {
      if (child.stdout !== null)
        createInterface({ input: child.stdout }).once('line', line => resolve(JSON.parse(line) as Urls))
      child.once('exit', (code, signal) => {
        reject(
          new NinefoldError(
            'DEMO_ROLE_FAILED',
            `run ${role} ended (${code ?? signal}); ${options.logFile} has its words`,
          ),
        )
        if (!isStopping && ports.has(role)) void relaunch(role, String(code ?? signal))
      })
    })
  }
  /** On the ports that it had: others know them. */
  const relaunch = async (role: RoleName, how: string) => {
    options.onEnd(role, how)
    await options.clock.sleep(restartAfterMs)
    // One that ends again before it listens is started again by its own end.
    if (!isStopping) await launch(role).catch(() => undefined)
  }
  const stop = async () => {
    isStopping = true
    await Promise.all([...children.values()].map(end))
  }

  try {
    const urls: Partial<Record<RoleName, Urls>> = {}
    // One after another: the first to come makes tables, and two cores are not kept busy by starting four.
    for (const role of roleNames) {
      urls[role] = await launch(role)
      ports.set(role, portsOf(urls[role]))
    }
    return {
      otlpUrl: urls.ingest?.otlp ?? '',
      apiUrl: urls.api?.viewer ?? '',
      metricsUrl: urls.compute?.metrics ?? '',
      pids: () =>
        Object.fromEntries([...children].map(([role, { pid }]) => [role, pid ?? 0])) as Record<RoleName, number>,
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

const portKeys: Readonly<Record<string, string>> = {
  otlp: 'otlp.http.port',
  otlpGrpc: 'otlp.grpc.port',
  viewer: 'api.port',
  metrics: 'metrics.port',
}

function portsOf(urls: Urls): string[] {
  return Object.entries(portKeys).flatMap(([name, key]) => {
    const url = urls[name]
    return url === undefined || !URL.canParse(url) ? [] : [`${key}=${new URL(url).port}`]
  })
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = new Promise<void>(resolve => child.once('exit', () => resolve()))
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), endTimeoutMs)
  await exited
  clearTimeout(timer)
}
