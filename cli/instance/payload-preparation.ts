import type { BusRecord, BusSignal, PreparedPayload } from '../../ingest/bus/bus.ts'
import { createEventPreparation } from '../../ingest/events/prepare-events.ts'
import { createForeignPayloads } from '../../ingest/otlp/foreign-payload.ts'
import type { OtlpLimits } from '../../ingest/otlp/limits.ts'

/** Makes of what is on the bus what the engine reads, by signal. What the function throws says why a message cannot be. */
export function createPayloadPreparation(
  limits: OtlpLimits,
): (signal: BusSignal, record: BusRecord) => PreparedPayload {
  const prepareOtlp = createForeignPayloads(limits)
  const prepareEvents = createEventPreparation()
  return (signal, record) => (signal === 'events' ? prepareEvents(record) : prepareOtlp(signal, record))
}
