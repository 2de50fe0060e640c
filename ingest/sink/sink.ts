import { mkdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type BackOff, backOffMs } from '../../lib/back-off.ts'
import { NinefoldError } from '../../lib/errors.ts'
import {
  type BusRecord,
  type BusSignal,
  otlpTopics,
  type PartitionLease,
  type TopicPartition,
  topics,
  type WaitingPartition,
} from '../bus/bus.ts'
import { observeSeries } from '../bus/series-gauge.ts'
import { createPartitionWorker } from './partition-worker.ts'
import { defaultSinkBounds, type SinkOptions, type SinkParts } from './sink-parts.ts'
import { createSinkStats, type SinkStatsSnapshot } from './sink-stats.ts'
import { createTurns } from './turns.ts'
import { createWaitingPartitions } from './waiting-partitions.ts'

export interface Sink {
  start(): void
  /** Ends after the ranges in hand are stored and committed. */
  stop(): Promise<void>
  stats(): SinkStatsSnapshot
  /** Partitions of this process that do not get on, and why. */
  waiting(): readonly WaitingPartition[]
}

const pollMs = 5000
const backOff: BackOff = { firstMs: 200, longestMs: 15_000, random: Math.random }

/**
 * Bus → store, exactly once: announce the range, insert it under a token made of exactly that range, move the position. Whoever comes
 * next replays an announced range with the same token. Partitions come and go with their leases, each with a worker of its own.
 */
export function createSink(options: SinkOptions): Sink {
  if (options.consumer.shared && options.prepare === undefined) {
    throw new NinefoldError('INTERNAL', 'a log that others write to needs a way to make payloads canonical')
  }
  const stopping = new AbortController()
  const { consumer, clock, meter } = options
  const parts: SinkParts = {
    ...options,
    bounds: options.bounds ?? defaultSinkBounds,
    stats: createSinkStats(meter, clock, consumer.shared),
    waiting: createWaitingPartitions(clock),
    turns: createTurns(),
    onStored: () => options.onStored?.(),
    onStep: async step => options.onStep?.(step),
  }
  let running: Promise<unknown> = Promise.resolve()
  const waiting = () => [...consumer.waiting(), ...parts.waiting.list()]
  meter
    .createObservableGauge('ninefold_sink_partitions', { description: 'Partitions that this sink has' })
    .addCallback(observer => observer.observe(consumer.leases().length + consumer.waiting().length))
  observeSeries(meter, 'ninefold_sink_waiting_seconds', 'Since when a partition does not get on, and why', () =>
    waiting().map(({ topic, partition, reason, sinceMs }) => ({
      value: Math.max(0, clock.now() - sinceMs) / 1000,
      attributes: { topic, partition: String(partition), reason },
    })),
  )

  return {
    start: () => {
      mkdirSync(options.stagingDirectory, { recursive: true })
      running = consumer.run(lease => runPartition(parts, lease), stopping.signal)
    },
    stop: async () => {
      stopping.abort()
      await running
    },
    stats: () => parts.stats.snapshot(),
    waiting,
  }
}

function signalOf({ topic }: TopicPartition): BusSignal {
  for (const signal of ['traces', 'logs', 'metrics', 'events'] as const) if (topics[signal] === topic) return signal
  throw new NinefoldError('INTERNAL', `no signal has the topic ${topic}`)
}

/** Stores for as long as the lease lasts; a failure is tried again with growing pauses, for as long as it takes. */
async function runPartition(parts: SinkParts, lease: PartitionLease): Promise<void> {
  const { topic, partition, signal } = lease
  // A lease of its own file: what is left of a lost one may still be writing.
  const stagedFile = join(parts.stagingDirectory, `${topic}-${partition}-${lease.id}.bin`)
  const kind = signalOf(lease)
  const { prepare, consumer } = parts
  // The gateway's own OTLP is what the engine reads.
  const isReady = !consumer.shared && Object.hasOwn(otlpTopics, kind)
  const stageOptions = prepare === undefined || isReady ? {} : { prepare: (record: BusRecord) => prepare(kind, record) }
  const worker = createPartitionWorker({ parts, lease, inserts: parts.inserts[kind], stagedFile, stageOptions })
  let failures = 0
  while (!signal.aborted) {
    const outcome = await worker.step()
    parts.stats.stepped(lease, outcome)
    parts.waiting.stepped(lease, outcome)
    failures = outcome.kind === 'retry' ? failures + 1 : 0
    switch (outcome.kind) {
      case 'ok':
        if (outcome.reason === 'nothing-new') await lease.wait(lease.committed().next, pollMs)
        break
      case 'retry': {
        const pauseMs = backOffMs(failures, backOff)
        const details = { topic, partition, code: outcome.reason, err: outcome.error, failures, pauseMs }
        parts.logger.warn(details, 'a batch was not stored; it is tried again')
        await parts.clock.sleep(pauseMs, signal)
        break
      }
      case 'lost':
        parts.logger.warn({ topic, partition }, 'the partition went to another sink, which finishes its range')
        await rm(stagedFile, { force: true })
        return
      case 'dead-letter':
      case 'drop':
        break
      default:
        outcome satisfies never
    }
  }
  parts.waiting.ended(lease)
  await rm(stagedFile, { force: true })
}
