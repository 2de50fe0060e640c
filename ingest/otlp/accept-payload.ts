import type { Clock } from '../../lib/clock.ts'
import { NinefoldError } from '../../lib/errors.ts'
import type { Logger } from '../../lib/logger.ts'
import { allKept, type Produced, type ProduceRecord, type Producer, type TelemetrySignal, topics } from '../bus/bus.ts'
import { answers } from './answers.ts'
import { type BodyFormat, createPayloadReader } from './canonical-payload.ts'
import type { GatewayMetrics } from './gateway-metrics.ts'
import type { OtlpLimits } from './limits.ts'

export interface AcceptedPayload {
  /** Items that could not be kept. */
  readonly rejected: number
  /** What the sender should know, one sentence each. */
  readonly warnings: readonly string[]
}

export interface SentPayload {
  readonly body: Buffer
  readonly signal: TelemetrySignal
  readonly format: BodyFormat
  /** Remote address of the sender. */
  readonly source: string
}

/**
 * Checks a whole payload, makes it canonical and appends it to the bus; resolves when it is durable. The same for every door.
 * Throws what `PayloadReader.read` and `Producer.produce` throw.
 */
export type AcceptPayload = (sent: SentPayload) => Promise<AcceptedPayload>

export function createPayloadAcceptor(options: {
  readonly producer: Producer
  readonly limits: OtlpLimits
  readonly clock: Clock
  readonly metrics: GatewayMetrics
}): AcceptPayload {
  const { producer, clock, metrics } = options
  const reader = createPayloadReader(options.limits)
  return async ({ body, signal, format, source }) => {
    const receivedAtMs = clock.now()
    const payload = reader.read(body, signal, format, receivedAtMs)
    // A request without items has nothing to keep; a record of it would only be empty work for the sink.
    let { leftOut, reasons } = allKept
    if (payload.items > 0) {
      const told = payload.hasOwnTimes ? {} : { isDistinct: true }
      const record = { topic: topics[signal], value: payload.value, receivedAtMs, source, ...told }
      ;({ leftOut, reasons } = await produce(producer, record))
      metrics.accepted(signal, payload.items - leftOut, payload.value.length, payload.rewritten)
    }
    const rejected = payload.rejected + leftOut
    if (rejected > 0) metrics.rejected(signal, rejected)
    return { rejected, warnings: [...payload.warnings, ...reasons] }
  }
}

/** A failure of the bus that has no answer of its own says nothing about the payload: the sender keeps it and tries again. */
async function produce(producer: Producer, record: ProduceRecord): Promise<Produced> {
  try {
    return await producer.produce(record)
  } catch (cause) {
    if (cause instanceof NinefoldError && answers[cause.code] !== undefined) throw cause
    throw new NinefoldError('OTLP_BACK_PRESSURE', 'the bus could not keep the payload', {
      cause,
      details: { status: 503 },
    })
  }
}

export function logRefusal(
  logger: Logger,
  error: NinefoldError,
  status: number,
  signal: TelemetrySignal | undefined,
): void {
  const fields = { code: error.code, status, signal: signal ?? 'none', ...error.details }
  if (status >= 500) logger.error({ ...fields, err: error }, 'OTLP request failed')
  else logger.debug({ ...fields, reason: error.message }, 'OTLP request refused')
}
