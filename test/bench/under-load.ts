import { spawn } from 'node:child_process'
import { readProcess } from './processes.ts'

export interface LoadReport {
  readonly spans: number
  readonly requests: number
  readonly refused: number
  readonly seconds: number
  readonly cpuSeconds: number
  readonly latencyMs: { readonly p50: number | null; readonly p99: number | null }
}

export interface UnderLoad {
  readonly encoding: 'plain' | 'gzip'
  readonly spansPerSecond: number
  /** From the first request until the receiver was done with all of it. */
  readonly seconds: number
  readonly receiverCpuSecondsPerMillionSpans: number
  readonly generatorCpuSecondsPerMillionSpans: number
  readonly receiverPeakRssMegabytes: number
  readonly refused: number
  readonly latencyMs: LoadReport['latencyMs']
}

const generator = new URL('./load.ts', import.meta.url).pathname

/** Runs the load generator. @param rate spans a second; 0 for as many as are taken. @param most spans in all; 0 for no bound but the time. */
export function generateLoad(
  endpoint: string,
  seconds: number,
  encoding: string,
  connections: number,
  rate: number,
  most = 0,
): Promise<LoadReport> {
  return new Promise((resolve, reject) => {
    const args = [
      '--disable-warning=ExperimentalWarning',
      generator,
      endpoint,
      String(seconds),
      encoding,
      String(connections),
      String(rate),
      String(most),
    ]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    let out = ''
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString()
    })
    child.on('close', code =>
      code === 0 ? resolve(JSON.parse(out) as LoadReport) : reject(new Error(`the load generator ended with ${code}`)),
    )
  })
}

/** Puts a receiver under load and reads what it cost, including the work it still does after the last request (`settle`). */
export async function measureUnderLoad(options: {
  readonly endpoint: string
  readonly pid: number
  readonly seconds: number
  readonly encoding: 'plain' | 'gzip'
  readonly settle: () => Promise<void>
}): Promise<UnderLoad> {
  const before = readProcess(options.pid)
  let peak = before.rssMegabytes
  const sampler = setInterval(() => {
    peak = Math.max(peak, readProcess(options.pid).rssMegabytes)
  }, 500)
  const load = await generateLoad(options.endpoint, options.seconds, options.encoding, 8, 0)
  const settling = performance.now()
  await options.settle()
  const settledSeconds = (performance.now() - settling) / 1000
  clearInterval(sampler)
  const after = readProcess(options.pid)
  const millions = load.spans / 1e6
  const seconds = load.seconds + settledSeconds
  return {
    encoding: options.encoding,
    spansPerSecond: Math.round(load.spans / seconds),
    seconds,
    receiverCpuSecondsPerMillionSpans: (after.cpuSeconds - before.cpuSeconds) / millions,
    generatorCpuSecondsPerMillionSpans: load.cpuSeconds / millions,
    receiverPeakRssMegabytes: Math.round(peak),
    refused: load.refused,
    latencyMs: load.latencyMs,
  }
}
