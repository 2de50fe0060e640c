import type { PipelineHealth } from '../../api/routes/pipeline.ts'
import type { Evaluator } from '../../compute/jobs/evaluator.ts'
import type { Bus } from '../../ingest/bus/bus.ts'
import type { Sink } from '../../ingest/sink/sink.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Store } from '../../store/client/store.ts'
import type { SpecSource } from './spec-source.ts'

const iso = (milliseconds: number | null | undefined) =>
  milliseconds === null || milliseconds === undefined ? null : new Date(milliseconds).toISOString()

/** What `GET /api/v1/pipeline` answers, put together from the parts. */
export function createPipelineReport(options: {
  readonly bus: Bus
  readonly sink: Sink
  /** Asked for late: the API is built before the evaluator. */
  readonly evaluator: () => Evaluator
  readonly store: Store
  readonly specs: SpecSource
  readonly clock: Clock
}): () => Promise<PipelineHealth> {
  const { bus, sink, evaluator, store, specs, clock } = options
  const startedMs = clock.now()
  return async () => {
    const { lastStoredAtMs, ...sunk } = sink.stats()
    const { ticks, failedTicks, lastTick, lastTickAtMs } = evaluator().stats()
    const { revision, slos } = specs.current()
    return {
      bus: bus.producer.pressure(),
      sink: { ...sunk, lastStoredAt: iso(lastStoredAtMs) },
      evaluation: {
        ticks,
        failedTicks,
        lastTickAt: iso(lastTickAtMs),
        lastTickMs: lastTick?.durationMs ?? null,
        historyLeft: lastTick?.historyLeft ?? 0,
      },
      store: { kind: store.kind, version: store.version },
      specs: { revision, slos: slos.length, findings: [...specs.findings()] },
      uptimeSeconds: (clock.now() - startedMs) / 1000,
      rssBytes: process.memoryUsage.rss(),
    }
  }
}
