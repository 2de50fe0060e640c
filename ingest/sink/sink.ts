import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { NinefoldError } from '../../lib/errors.ts'
import { type TelemetrySignal, type TopicPartition, topics } from '../bus/bus.ts'
import { createPartitionWorker } from './partition-worker.ts'
import { defaultSinkBounds, type SinkOptions, type SinkParts } from './sink-parts.ts'
import { createSinkStats, type SinkStatsSnapshot } from './sink-stats.ts'

export interface Sink {
  start(): void
  /** Ends after the ranges in hand are stored and committed. */
  stop(): Promise<void>
  stats(): SinkStatsSnapshot
}

const pollMs = 5000
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
    onStep: async step => options.onStep?.(step),
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

/** Stores for as long as it runs; a failure is tried again with growing pauses, for as long as it takes. */
async function runPartition(parts: SinkParts, tp: TopicPartition): Promise<void> {
  const stagedFile = join(parts.stagingDirectory, `${tp.topic}-${tp.partition}.bin`)
  const worker = createPartitionWorker({ parts, tp, inserts: parts.inserts[signalOf(tp)], stagedFile })
  let failures = 0
  while (!parts.signal.aborted) {
    const outcome = await worker.step()
    parts.stats.stepped(tp, outcome)
    failures = outcome.kind === 'retry' ? failures + 1 : 0
    switch (outcome.kind) {
      case 'ok':
        if (outcome.reason !== 'nothing-new') break
        await parts.consumer.wait(tp, parts.consumer.committed(tp).next, pollMs, parts.signal)
        break
      case 'retry': {
        const pauseMs = backOffMs(failures)
        const details = { topic: tp.topic, code: outcome.reason, err: outcome.error, failures, pauseMs }
        parts.logger.warn(details, 'a batch was not stored; it is tried again')
        await parts.clock.sleep(pauseMs, parts.signal)
        break
      }
      case 'dead-letter':
      case 'drop':
        break
      default:
        outcome satisfies never
    }
  }
}

/** Doubles with each failure, and differs by up to a half so that several sinks do not come back together. */
function backOffMs(failures: number): number {
  return Math.min(longestBackOffMs, firstBackOffMs * 2 ** (failures - 1)) * (0.5 + Math.random() / 2)
}
