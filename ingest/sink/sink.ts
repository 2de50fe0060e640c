import { mkdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { asNinefoldError, NinefoldError } from '../../lib/errors.ts'
import { type TelemetrySignal, type TopicPartition, topics } from '../bus/bus.ts'
import { createPartitionWorker, type PartitionWorker } from './partition-worker.ts'
import { defaultSinkBounds, type SinkOptions, type SinkParts } from './sink-parts.ts'
import { createSinkStats, type SinkStatsSnapshot } from './sink-stats.ts'

export interface Sink {
  start(): void
  /** Ends after the ranges in hand are stored and committed. */
  stop(): Promise<void>
  stats(): SinkStatsSnapshot
}

const pollMs = 1000
const firstBackOffMs = 200
const longestBackOffMs = 15_000

/**
 * Bus → store, exactly once: announce the range, insert it under a token made of exactly that range, move the position. Whoever comes
 * next replays an announced range with the same token.
 */
export function createSink(options: SinkOptions): Sink {
  const stopping = new AbortController()
  const parts: SinkParts = {
    ...options,
    bounds: options.bounds ?? defaultSinkBounds,
    stats: createSinkStats(options.meter, options.clock),
    signal: stopping.signal,
    onStep: async (step, offset) => options.onStep?.(step, offset),
    emptyFile: path => writeFile(path, ''),
  }
  let running: Promise<unknown> = Promise.resolve()

  return {
    start: () => {
      mkdirSync(options.stagingDirectory, { recursive: true })
      running = Promise.all(options.consumer.assignments().map(tp => runPartition(parts, tp)))
    },
    stop: async () => {
      stopping.abort()
      await running
    },
    stats: () => parts.stats.snapshot(),
  }
}

function signalOf(tp: TopicPartition): TelemetrySignal {
  for (const signal of ['traces', 'logs', 'metrics'] as const) if (topics[signal] === tp.topic) return signal
  throw new NinefoldError('INTERNAL', `no signal has the topic ${tp.topic}`)
}

/** Recovers, then stores for as long as it runs; a failure is tried again with growing pauses, for as long as it takes. */
async function runPartition(parts: SinkParts, tp: TopicPartition): Promise<void> {
  const worker: PartitionWorker = createPartitionWorker(parts, tp, parts.inserts[signalOf(tp)])
  let recovered = false
  let failures = 0
  while (!parts.signal.aborted) {
    try {
      if (!recovered) await worker.recover()
      recovered = true
      const busy = await worker.step()
      failures = 0
      if (!busy) await parts.consumer.wait(pollMs, parts.signal)
    } catch (error) {
      recovered = false
      failures++
      const known = asNinefoldError(error)
      parts.stats.failed(tp, known.code)
      const pauseMs =
        Math.min(longestBackOffMs, firstBackOffMs * 2 ** Math.min(failures, 10)) * (0.5 + Math.random() / 2)
      parts.logger.warn(
        { topic: tp.topic, code: known.code, err: error, pauseMs },
        'a batch was not stored; it is tried again',
      )
      await parts.clock.sleep(pauseMs, parts.signal)
    }
  }
}
