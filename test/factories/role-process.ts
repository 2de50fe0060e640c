import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { ProcessRole, RoleName } from '../../cli/instance/role-names.ts'
import { freePorts } from './ninefold.ts'

const launcher = new URL('../../ninefold', import.meta.url).pathname

export interface RoleUnderTest<R extends ProcessRole = RoleName> {
  readonly role: R
  /** OTLP of an ingest, API of an api; empty for others. */
  readonly url: string
  readonly metricsUrl: string
  /** Of the last start. */
  readonly pid: number
  /** Starts it, on the ports it always has; resolves at once. */
  start(): void
  /** Status and body of /readyz; status 0 while nobody answers. */
  readiness(): Promise<{ readonly status: number; readonly body: Record<string, unknown> }>
  untilReady(timeoutMs?: number): Promise<void>
  /** @returns the exit code, null after SIGKILL. */
  kill(signal: NodeJS.Signals): Promise<number | null>
  signal(name: 'SIGSTOP' | 'SIGCONT'): void
  isRunning(): boolean
  /** Standard error of all starts so far. */
  log(): string
}

/** `ninefold run ROLE` as a user runs it, on ports of its own. */
export async function roleProcess<const R extends ProcessRole>(
  role: R,
  options: {
    readonly data: string
    readonly sets: readonly string[]
    readonly specs?: string
    readonly config?: string
  },
): Promise<RoleUnderTest<R>> {
  const [metrics = 0, own = 0, grpc = 0] = await freePorts(3)
  const ports = [`metrics.port=${metrics}`, `otlp.http.port=${own}`, `otlp.grpc.port=${grpc}`, `api.port=${own}`]
  const named = Object.entries({ specs: options.specs, config: options.config })
  const args = ['run', role, '--data', options.data]
  for (const [name, value] of named) if (value !== undefined) args.push(`--${name}`, value)
  const sets = [...ports, ...options.sets].flatMap(set => ['--set', set])
  let child: ChildProcess | undefined
  let log = ''
  const isRunning = () => child !== undefined && child.exitCode === null && child.signalCode === null

  const start = () => {
    const started = spawn(launcher, [...args, ...sets], { stdio: ['ignore', 'ignore', 'pipe'] })
    started.stderr?.on('data', (chunk: Buffer) => {
      log = (log + chunk.toString()).slice(-100_000)
    })
    child = started
  }
  const readiness = async () => {
    try {
      const response = await fetch(`http://127.0.0.1:${metrics}/readyz`, { signal: AbortSignal.timeout(5000) })
      return { status: response.status, body: (await response.json()) as Record<string, unknown> }
    } catch {
      return { status: 0, body: {} }
    }
  }
  return {
    role,
    url: role === 'ingest' || role === 'api' ? `http://127.0.0.1:${own}` : '',
    metricsUrl: `http://127.0.0.1:${metrics}/metrics`,
    get pid() {
      return child?.pid ?? 0
    },
    start,
    readiness,
    untilReady: async (timeoutMs = 180_000) => {
      const deadline = Date.now() + timeoutMs
      for (;;) {
        const { status, body } = await readiness()
        if (status === 200) return
        if (!isRunning()) throw new Error(`run ${role} ended with ${child?.exitCode}: ${log}`)
        if (Date.now() > deadline) throw new Error(`run ${role} is not ready: ${JSON.stringify(body)} ${log}`)
        await new Promise(resolve => setTimeout(resolve, 100))
      }
    },
    kill: async signal => {
      if (child === undefined || !isRunning()) return child?.exitCode ?? null
      const exited = once(child, 'exit')
      child.kill(signal)
      await exited
      return child.exitCode
    },
    signal: name => void child?.kill(name),
    isRunning,
    log: () => log,
  }
}
