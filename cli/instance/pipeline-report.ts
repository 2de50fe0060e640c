import { isoTime } from '../../api/iso-time.ts'
import type { PipelineHealth } from '../../api/routes/pipeline.ts'
import type { Evaluator } from '../../compute/jobs/evaluator.ts'
import { createStoredProgress, type StoredProgress } from '../../compute/reports/stored-progress.ts'
import type { Sink } from '../../ingest/sink/sink.ts'
import { NinefoldError } from '../../lib/errors.ts'
import type { Store } from '../../store/client/store.ts'
import type { RoleContext } from './role-context.ts'
import type { Specs } from './specs-role.ts'

export interface BusLag {
  readonly lagRecords: number
  /** Null where the carrier counts records only. */
  readonly lagBytes: number | null
}

/** What of the pipeline this process can see; null where another one runs it. */
export interface PipelineParts {
  /** Null where the log cannot be asked. */
  readonly lag: (() => BusLag) | null
  readonly bytesInFlight: (() => number) | null
  readonly sink: Sink | null
  /** Asked for late: the API is built before the evaluator. */
  readonly evaluator: (() => Evaluator) | null
}

const iso = (milliseconds: number | null | undefined) =>
  milliseconds === null || milliseconds === undefined ? null : new Date(milliseconds).toISOString()

/** What `GET /api/v1/pipeline` answers, put together from the parts. A number that this process cannot know is null, never 0. */
export function createPipelineReport(
  { clock }: RoleContext,
  parts: PipelineParts & { readonly store: Store; readonly specs: Specs },
): () => Promise<PipelineHealth> {
  const { store, specs } = parts
  const startedMs = clock.now()
  const stored = createStoredProgress({ reader: store.reader, specs: specs.source.current })
  return async () => {
    const { revision, slos } = specs.source.current()
    const [sink, evaluation] = await Promise.all([describeSink(parts, stored), describeEvaluation(parts, stored)])
    return {
      bus: describeBus(parts),
      sink,
      evaluation,
      store: { kind: store.kind, version: store.version },
      specs: { revision, slos: slos.length, findings: [...specs.source.findings()] },
      uptimeSeconds: (clock.now() - startedMs) / 1000,
      rssBytes: process.memoryUsage.rss(),
      elsewhere: elsewhere(parts),
    }
  }
}

function describeBus({ lag, bytesInFlight }: PipelineParts): PipelineHealth['bus'] {
  const { lagRecords, lagBytes } = lag?.() ?? { lagRecords: null, lagBytes: null }
  return { bytesInFlight: bytesInFlight?.() ?? null, lagBytes, lagRecords }
}

async function describeSink({ sink }: PipelineParts, stored: StoredProgress): Promise<PipelineHealth['sink']> {
  if (sink !== null) {
    const { lastStoredAtMs, gaps, repeats: _, ...counts } = sink.stats()
    return {
      ...counts,
      lastStoredAt: iso(lastStoredAtMs),
      waiting: sink.waiting().map(({ sinceMs, ...wait }) => {
        const { remedy } = new NinefoldError(wait.reason, '')
        return { ...wait, remedy, since: isoTime(sinceMs) }
      }),
      gaps: gaps.map(({ noticedAtMs, ...gap }) => ({ ...gap, noticedAt: isoTime(noticedAtMs) })),
    }
  }
  const lastStoredAt = iso(await stored.lastStoredAtMs())
  const counts = { batches: null, records: null, bytes: null, deadLetters: null, failures: null, dropped: null }
  return { ...counts, lastDelayMs: null, lastStoredAt, waiting: null, gaps: null }
}

async function describeEvaluation(
  { evaluator }: PipelineParts,
  stored: StoredProgress,
): Promise<PipelineHealth['evaluation']> {
  if (evaluator === null) {
    const { left, backToMs } = await stored.history()
    const historyBackTo = iso(backToMs)
    return { ticks: null, failedTicks: null, lastTickAt: null, lastTickMs: null, historyLeft: left, historyBackTo }
  }
  const { ticks, failedTicks, lastTick, lastTickAtMs } = evaluator().stats()
  const historyLeft = lastTick?.historyLeft ?? 0
  // This answers while the store does not: how far the past has come is then not known.
  const progress = historyLeft === 0 ? null : await stored.history().catch(() => null)
  return {
    ticks,
    failedTicks,
    lastTickAt: iso(lastTickAtMs),
    lastTickMs: lastTick?.durationMs ?? null,
    historyLeft,
    historyBackTo: iso(progress?.backToMs),
  }
}

function elsewhere({ lag, bytesInFlight, sink, evaluator }: PipelineParts): PipelineHealth['elsewhere'] {
  const others: PipelineHealth['elsewhere'] = []
  if (lag === null || bytesInFlight === null)
    others.push({
      part: 'bus',
      reason: 'bytes on their way are known to each `run ingest`: see its ninefold_otlp_* metrics',
    })
  if (sink === null)
    others.push({
      part: 'sink',
      reason:
        'batches, gaps, and which partitions wait and why are known to each `run sink`: see its /readyz and ninefold_sink_* metrics',
    })
  if (evaluator === null)
    others.push({
      part: 'evaluation',
      reason: 'ticks are known to each `run compute`: see its ninefold_tick_* metrics',
    })
  return others
}
