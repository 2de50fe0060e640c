import type { Meter } from '@opentelemetry/api'
import type { Clock } from '../../lib/clock.ts'
import { type TopicPartition, topics } from '../bus/bus.ts'
import { createRepeatsCounter } from '../bus/bus-metrics.ts'
import { type DropReason, deadLetterReasons, dropReasons, type OffsetRange, type StepOutcome } from './steps.ts'

export interface SinkStatsSnapshot {
  readonly batches: number
  readonly records: number
  readonly bytes: number
  readonly deadLetters: number
  readonly failures: number
  /** Payloads that were delivered before and counted once; of a log that does not tell them itself. */
  readonly repeats: number
  /** Records that were gone from the bus before they were stored. */
  readonly dropped: number
  /** The newest of what `dropped` counts. */
  readonly gaps: readonly SinkGap[]
  /** From receipt to stored, of the newest batch; null before the first. */
  readonly lastDelayMs: number | null
  readonly lastStoredAtMs: number | null
}

/** Telemetry that was acknowledged and will not be stored: coverage was lost. */
export interface SinkGap {
  readonly topic: string
  readonly partition: number
  readonly reason: DropReason
  readonly firstOffset: number
  readonly lastOffset: number
  readonly noticedAtMs: number
}

const mostGaps = 20

export interface SinkStats {
  stored(
    tp: TopicPartition,
    batch: {
      readonly records: number
      readonly bytes: number
      readonly delayMs: number
      /** Of the records, those that were delivered before and are left out. */
      readonly repeats: number
    },
  ): void
  stepped(tp: TopicPartition, outcome: StepOutcome): void
  snapshot(): SinkStatsSnapshot
}

/** @param tellsRepeats false where the log holds each payload once and counts them itself. */
export function createSinkStats(meter: Meter, clock: Clock, tellsRepeats: boolean): SinkStats {
  const batches = meter.createCounter('ninefold_sink_batches_total', { description: 'Batches stored' })
  const records = meter.createCounter('ninefold_sink_records_total', { description: 'Payloads stored' })
  const bytes = meter.createCounter('ninefold_sink_bytes_total', { description: 'Payload bytes stored' })
  const letters = meter.createCounter('ninefold_sink_dead_letters_total', { description: 'Payloads quarantined' })
  const failures = meter.createCounter('ninefold_sink_failures_total', { description: 'Batches to be tried again' })
  const dropped = meter.createCounter('ninefold_sink_dropped_total', {
    description: 'Payloads that were acknowledged and will not be stored',
  })
  const lostLeases = meter.createCounter('ninefold_sink_lost_leases_total', {
    description: 'Ranges in hand when their partition went to another sink',
  })
  const repeats = tellsRepeats ? createRepeatsCounter(meter) : null
  const delay = meter.createHistogram('ninefold_sink_delay_seconds', { description: 'From receipt to stored' })
  // From the start at 0: the first of them is seen as a rise, too.
  for (const topic of Object.values(topics)) {
    for (const reason of deadLetterReasons) letters.add(0, { topic, reason })
    for (const reason of dropReasons) dropped.add(0, { topic, reason })
  }
  const now = { batches: 0, records: 0, bytes: 0, deadLetters: 0, failures: 0, repeats: 0, dropped: 0 }
  let last: { delayMs: number; atMs: number } | null = null
  const gaps: SinkGap[] = []
  const noteGap = ({ topic, partition }: TopicPartition, reason: DropReason, { first, last }: OffsetRange) => {
    const lost = Number(last - first) + 1
    dropped.add(lost, { topic, reason })
    now.dropped += lost
    const [firstOffset, lastOffset] = [Number(first), Number(last)]
    gaps.push({ topic, partition, reason, firstOffset, lastOffset, noticedAtMs: clock.now() })
    if (gaps.length > mostGaps) gaps.shift()
  }
  return {
    stored: (tp, batch) => {
      batches.add(1, { topic: tp.topic })
      records.add(batch.records, { topic: tp.topic })
      bytes.add(batch.bytes, { topic: tp.topic })
      if (batch.repeats > 0) repeats?.add(batch.repeats, { topic: tp.topic })
      delay.record(batch.delayMs / 1000, { topic: tp.topic })
      now.batches++
      now.records += batch.records
      now.bytes += batch.bytes
      now.repeats += batch.repeats
      last = { delayMs: batch.delayMs, atMs: clock.now() }
    },
    stepped: (tp, outcome) => {
      const { topic } = tp
      switch (outcome.kind) {
        case 'ok':
          return
        case 'dead-letter':
          for (const reason of outcome.reasons) letters.add(1, { topic, reason })
          now.deadLetters += outcome.reasons.length
          return
        case 'retry':
          failures.add(1, { topic, code: outcome.reason })
          now.failures++
          return
        case 'drop':
          noteGap(tp, outcome.reason, outcome.gap)
          return
        case 'lost':
          lostLeases.add(1, { topic })
          return
        default:
          outcome satisfies never
      }
    },
    snapshot: () => ({
      ...now,
      gaps: [...gaps],
      lastDelayMs: last?.delayMs ?? null,
      lastStoredAtMs: last?.atMs ?? null,
    }),
  }
}
