import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type RoleName, roleNames } from '../../cli/instance/role-names.ts'
import { freePorts } from './ninefold.ts'

const launcher = new URL('../../ninefold', import.meta.url).pathname

export interface DemoUnderTest {
  readonly apiUrl: string
  /** Standard output and standard error so far. */
  said(): string
  /** Resolves when it has said so. */
  untilSaid(text: string, timeoutMs: number): Promise<void>
  /** The process that plays the role now; undefined while it is being started. */
  pidOf(role: RoleName): number | undefined
  /** Halts the shop's visitors for good: no request begins after those that are under way. */
  haltVisitors(): void
  /** Ctrl-C. @returns the exit code, and which of its roles are still there. */
  end(): Promise<{ readonly code: number | null; readonly left: readonly RoleName[] }>
  /** Without notice, if it is still there. */
  kill(): void
}

/** `ninefold demo --bus … --store …` as a user runs it, on ports of its own. */
export async function startDemo(options: {
  readonly bus: string
  readonly store: string
  readonly data: string
  readonly sets: readonly string[]
}): Promise<DemoUnderTest> {
  const [otlp, grpc, api, metrics] = await freePorts(4)
  const ports = [`otlp.http.port=${otlp}`, `otlp.grpc.port=${grpc}`, `api.port=${api}`, `metrics.port=${metrics}`]
  const { bus, store, data } = options
  const sets = [...ports, ...options.sets].flatMap(set => ['--set', set])
  const child = spawn(launcher, ['demo', '--bus', bus, '--store', store, '--data', data, ...sets], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString()
    })
  const childWith = (...words: readonly string[]) =>
    childrenOf(child.pid ?? 0).find(({ command }) => words.every(word => command.includes(word)))?.pid
  const pidOf = (role: RoleName) => childWith('run', role)
  return {
    apiUrl: `http://127.0.0.1:${api}`,
    said: () => said,
    untilSaid: async (text, timeoutMs) => {
      const deadline = Date.now() + timeoutMs
      while (!said.includes(text)) {
        if (child.exitCode !== null) throw new Error(`the demo ended with ${child.exitCode}: ${said}`)
        if (Date.now() > deadline) throw new Error(`the demo has not said "${text}": ${said}`)
        await new Promise(resolve => setTimeout(resolve, 100))
      }
    },
    pidOf,
    haltVisitors: () => {
      const visitors = childrenOf(child.pid ?? 0).find(({ command }) =>
        command.some(word => word.endsWith('/traffic.ts')),
      )
      if (visitors === undefined) throw new Error(`the demo has no visitors: ${said}`)
      process.kill(visitors.pid, 'SIGSTOP')
    },
    end: async () => {
      const roles = roleNames.map(role => ({ role, pid: pidOf(role) ?? 0 }))
      const exited = once(child, 'exit')
      child.kill('SIGINT')
      await exited
      return { code: child.exitCode, left: roles.filter(({ pid }) => isAlive(pid)).map(({ role }) => role) }
    },
    kill: () => void child.kill('SIGKILL'),
  }
}

function isAlive(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0)
  } catch {
    return false
  }
}

/** As Linux tells them. One that has ended and was not asked about yet has no command any more. */
function childrenOf(pid: number): { readonly pid: number; readonly command: readonly string[] }[] {
  const pids = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean)
  return pids.flatMap(child => {
    try {
      return { pid: Number(child), command: readFileSync(`/proc/${child}/cmdline`, 'utf8').split('\0') }
    } catch {
      return []
    }
  })
}
