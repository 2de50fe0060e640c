import type { PayloadInsert } from '../client/store.ts'
import { eventsInsert } from './events.ts'
import { otelLogsInsert } from './otel-logs.ts'
import { otelMetricsInserts } from './otel-metrics.ts'
import { otelTracesInsert } from './otel-traces.ts'
import type { LayerSources } from './payload-expressions.ts'

/** What makes rows of a staged batch, by signal: one statement a table. */
export function payloadInserts(
  sources: LayerSources,
): Readonly<Record<'traces' | 'logs' | 'metrics' | 'events', readonly PayloadInsert[]>> {
  return {
    traces: [otelTracesInsert(sources)],
    logs: [otelLogsInsert(sources)],
    metrics: otelMetricsInserts(sources),
    events: [eventsInsert(sources)],
  }
}
