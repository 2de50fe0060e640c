import { setTimeout as pause } from 'node:timers/promises'
import { attribute, encodeRequest } from '../../factories/otlp.ts'
import { waitFor } from '../processes.ts'
import type { Surroundings } from './surroundings.ts'

const sinkCount = 3
/** So many that each partition has some. */
const resources = 240
const betweenRequestsMs = 250
const observeMs = 5000

export interface Quantiles {
  readonly samples: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}

export interface RebalancePause {
  readonly partitions: number
  readonly sinks: number
  readonly rebalances: number
  /** The longest time between two ranges stored of a partition, over an equal time without a rebalance: batches gather. */
  readonly atRest: Quantiles
  /** … across a sink that leaves or joins. */
  readonly acrossRebalances: Quantiles
  /** From a sink's hearing of a rebalance to its next assignment: it begins nothing new meanwhile. */
  readonly pause: Quantiles
}

interface Window {
  readonly fromMs: number
  readonly toMs: number
}

/** How long a partition stands still while sinks come and go. */
export async function measureRebalance(
  surroundings: Surroundings,
  options: { readonly partitions: number; readonly cycles: number },
): Promise<RebalancePause> {
  const ingest = await surroundings.role('ingest')
  const startSink = () => surroundings.role('sink', 'log.level=info')
  const sinks = await Promise.all(Array.from({ length: sinkCount }, startSink))
  const stopping = new AbortController()
  const sending = sendSteadily(ingest.url, stopping.signal)
  await waitFor('ranges of every partition stored', 60_000, async () =>
    (await storedTimes(surroundings)).length === options.partitions ? true : undefined,
  )
  // Those of before the steady state: sinks joined one after the other.
  const heard = sinks.map(sink => pausesOf(sink.log()).length)
  const observe = async (act: () => Promise<unknown>): Promise<Window> => {
    const fromMs = Date.now()
    await act()
    await pause(observeMs)
    return { fromMs, toMs: Date.now() }
  }
  const still = [await observe(() => pause(observeMs))]
  const moved: Window[] = []
  for (let cycle = 0; cycle < options.cycles; cycle++) {
    const sink = sinks[cycle % sinkCount]
    if (sink === undefined) break
    moved.push(await observe(() => sink.kill('SIGTERM')))
    moved.push(
      await observe(() => {
        sink.start()
        return sink.untilReady()
      }),
    )
  }
  stopping.abort()
  await sending
  const times = await storedTimes(surroundings)
  return {
    partitions: options.partitions,
    sinks: sinkCount,
    rebalances: moved.length,
    atRest: stillness(times, still),
    acrossRebalances: stillness(times, moved),
    pause: quantilesOf(sinks.flatMap((sink, at) => pausesOf(sink.log()).slice(heard[at]))),
  }
}

async function sendSteadily(url: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const startTimeUnixNano = `${Date.now()}000000`
    const span = { name: 'GET /', kind: 2, startTimeUnixNano, endTimeUnixNano: startTimeUnixNano }
    const resourceSpans = Array.from({ length: resources }, (_, pod) => ({
      resource: { attributes: [attribute('k8s.pod.name', `pod-${pod}`)] },
      scopeSpans: [
        {
          spans: [
            {
              ...span,
              traceId: crypto.getRandomValues(new Uint8Array(16)),
              spanId: crypto.getRandomValues(new Uint8Array(8)),
            },
          ],
        },
      ],
    }))
    await fetch(`${url}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf' },
      body: Buffer.from(encodeRequest('ExportTraceServiceRequest', { resourceSpans })),
    }).then(response => response.arrayBuffer())
    await pause(betweenRequestsMs)
  }
}

/** When ranges of each partition were stored, in order. */
async function storedTimes({ rows }: Surroundings): Promise<number[][]> {
  const found = await rows(`SELECT Partition, arraySort(groupArray(toUnixTimestamp64Milli(InsertedAt))) AS times
FROM sink_offsets WHERE Topic = 'otlp_spans' GROUP BY Partition`)
  return found.map(({ times }) => (times as (string | number)[]).map(Number))
}

/** One sample a partition and window: the longest time between two ranges that the window has a part of. */
function stillness(partitions: readonly (readonly number[])[], windows: readonly Window[]): Quantiles {
  const samples = windows.flatMap(({ fromMs, toMs }) =>
    partitions.map(times => {
      let longest = 0
      for (const [at, time] of times.entries()) {
        const next = times[at + 1]
        if (next !== undefined && time <= toMs && next >= fromMs) longest = Math.max(longest, next - time)
      }
      return longest
    }),
  )
  return quantilesOf(samples)
}

const pausesOf = (log: string): number[] => [...log.matchAll(/"pauseMs":(\d+)/g)].map(([, pauseMs]) => Number(pauseMs))

function quantilesOf(samples: readonly number[]): Quantiles {
  const sorted = [...samples].sort((a, b) => a - b)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  return { samples: sorted.length, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) }
}
