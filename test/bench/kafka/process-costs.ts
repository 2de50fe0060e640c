import { readProcess } from '../processes.ts'
import { generateLoad } from '../under-load.ts'

export interface ProcessCost {
  readonly cpuSecondsPerMillionSpans: number
  readonly peakRssMegabytes: number
}

export interface MeasuredWork<N extends string> {
  readonly spans: number
  /** From the begin of the work to its end. */
  readonly seconds: number
  readonly spansPerSecond: number
  readonly costs: Readonly<Record<N, ProcessCost>>
}

/** What each process takes while `work` is done. @param work resolves with the number of spans once all of them are through. */
export async function measureProcesses<const N extends string>(
  pids: Readonly<Record<N, number>>,
  work: () => Promise<number>,
): Promise<MeasuredWork<N>> {
  const entries = Object.entries<number>(pids) as [N, number][]
  const peaks = new Map<N, number>()
  const before = new Map(entries.map(([name, pid]) => [name, readProcess(pid).cpuSeconds]))
  const sample = () => {
    for (const [name, pid] of entries) peaks.set(name, Math.max(peaks.get(name) ?? 0, readProcess(pid).rssMegabytes))
  }
  sample()
  const sampler = setInterval(sample, 250)
  const started = performance.now()
  try {
    const spans = await work()
    const seconds = (performance.now() - started) / 1000
    const costs = entries.map(([name, pid]) => {
      const cpuSeconds = readProcess(pid).cpuSeconds - (before.get(name) ?? 0)
      const cost = {
        cpuSecondsPerMillionSpans: cpuSeconds / (spans / 1e6),
        peakRssMegabytes: Math.round(peaks.get(name) ?? 0),
      }
      return [name, cost] as const
    })
    return {
      spans,
      seconds,
      spansPerSecond: Math.round(spans / seconds),
      costs: Object.fromEntries(costs) as Record<N, ProcessCost>,
    }
  } finally {
    clearInterval(sampler)
  }
}

/** As much as is measured, so that a slow hour of the machine gives as many spans as a good one; the time is only a bound. */
export interface Amount {
  readonly spans: number
  readonly longestSeconds: number
}

const connections = 8
const warmUpSpans = 60_000

/** As fast as payloads are taken. @returns the spans that were answered with 200. */
export async function sendSpans(endpoint: string, { spans, longestSeconds }: Amount): Promise<number> {
  return (await generateLoad(endpoint, longestSeconds, 'plain', connections, 0, spans)).spans
}

/** What a process does once, such as compiling what it runs often, is not to be counted. */
export const warmUp = (endpoint: string): Promise<number> =>
  sendSpans(endpoint, { spans: warmUpSpans, longestSeconds: 6 })
