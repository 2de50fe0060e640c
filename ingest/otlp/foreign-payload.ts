import { NinefoldError } from '../../lib/errors.ts'
import type { BusRecord, PreparedPayload, TelemetrySignal } from '../bus/bus.ts'
import { createPayloadReader } from './canonical-payload.ts'
import type { OtlpLimits } from './limits.ts'

/** The first bytes of what is no protobuf, and what they say of the producer's settings. */
const looks: readonly (readonly [first: readonly number[], hint: string])[] = [
  [[0x7b], 'it looks like JSON: the encoding otlp_proto is wanted'],
  [[0x5b], 'it looks like JSON: the encoding otlp_proto is wanted'],
  [[0x1f, 0x8b], 'it looks like gzip: let the producer compress, not the payload'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'it looks like zstd: let the producer compress, not the payload'],
]

/**
 * Payloads that did not come through our gateway, such as a Collector's on a Kafka topic: the same checks and the same canonical form.
 * @returns a function that throws OTLP_MALFORMED_BODY, OTLP_BODY_TOO_LARGE or OTLP_LIMIT_EXCEEDED.
 */
export function createForeignPayloads(
  limits: OtlpLimits,
): (signal: TelemetrySignal, record: BusRecord) => PreparedPayload {
  const reader = createPayloadReader(limits)
  return (signal, { value, receivedAtMs }) => {
    if (value.length === 0)
      throw new NinefoldError('OTLP_MALFORMED_BODY', 'a message without a value holds no telemetry')
    if (value.length > limits.maxDecompressedBytes) {
      const text = `a message of ${value.length} bytes; otlp.maxDecompressedBytes is ${limits.maxDecompressedBytes}`
      throw new NinefoldError('OTLP_BODY_TOO_LARGE', text)
    }
    const body = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    try {
      return reader.read(body, signal, 'protobuf', receivedAtMs)
    } catch (error) {
      const hint = looks.find(([first]) => first.every((byte, at) => body[at] === byte))?.[1]
      if (hint === undefined || !(error instanceof NinefoldError)) throw error
      throw new NinefoldError(error.code, `${error.message}; ${hint}`, { cause: error })
    }
  }
}
