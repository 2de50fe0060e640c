import { readFileSync } from 'node:fs'

/** CPU seconds used so far and memory of one process, from /proc. */
export interface ProcessReading {
  readonly cpuSeconds: number
  readonly rssMegabytes: number
}

const clockTicksPerSecond = 100

export function readProcess(pid: number): ProcessReading {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = Number(fields[11]) + Number(fields[12])
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const rss = /VmRSS:\s+(\d+) kB/.exec(status)?.[1]
  return { cpuSeconds: ticks / clockTicksPerSecond, rssMegabytes: Number(rss ?? 0) / 1024 }
}

/** Polls `condition` every 50 ms. @throws when it does not hold within `timeoutMs`. */
export async function waitFor<T>(what: string, timeoutMs: number, condition: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const value = await condition().catch(() => undefined)
    if (value !== undefined) return value
    if (Date.now() > deadline) throw new Error(`${what}: not within ${timeoutMs} ms`)
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}
