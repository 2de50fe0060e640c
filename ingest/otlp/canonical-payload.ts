import { NinefoldError } from '../../lib/errors.ts'
import type { TelemetrySignal } from '../bus/bus.ts'
import { jsonToProtobuf } from './json-to-protobuf.ts'
import type { OtlpLimits } from './limits.ts'
import { rewrite } from './rewrite.ts'
import { Walker } from './walk.ts'
import { needs } from './walk-result.ts'
import { createWireTable, type WireTable } from './wire-table.ts'

export type BodyFormat = 'protobuf' | 'json'

interface CanonicalPayload {
  /** One `Export…ServiceRequest` in protobuf that the engine takes as it is. */
  readonly value: Uint8Array
  /** Spans, log records or data points. */
  readonly items: number
  readonly rewritten: boolean
  /** False when the time of receipt had to stand in for one: the same body received at another time is another payload. */
  readonly hasOwnTimes: boolean
  /** Items that could not be kept: metrics whose kind of data is not known. */
  readonly rejected: number
  /** What the sender should know, one sentence each; empty when everything was kept as sent. */
  readonly warnings: readonly string[]
}

const requestTypes: Readonly<Record<TelemetrySignal, string>> = {
  traces: 'ExportTraceServiceRequest',
  logs: 'ExportLogsServiceRequest',
  metrics: 'ExportMetricsServiceRequest',
}

export interface PayloadReader {
  /**
   * Throws OTLP_MALFORMED_BODY with the byte, position or path, and OTLP_LIMIT_EXCEEDED with the limit.
   * @param receivedAtMs stands in for absent instants.
   */
  read(body: Buffer, signal: TelemetrySignal, format: BodyFormat, receivedAtMs: number): CanonicalPayload
}

const warningFor = (count: number, what: string): string[] => (count === 0 ? [] : [`${count} ${what}`])

/** Turns every accepted body, protobuf or JSON, into the one canonical form. */
export function createPayloadReader(limits: OtlpLimits): PayloadReader {
  const table = createWireTable()
  const walker = new Walker(table, limits)
  // Rewriting adds an attribute and turns values into longer text; the sender's payload has passed the limits already.
  const unlimited = Number.MAX_SAFE_INTEGER
  const verifier = new Walker(table, {
    ...limits,
    maxAttributes: unlimited,
    maxAttributeKeyBytes: unlimited,
    maxAttributeValueBytes: unlimited,
  })

  return {
    read: (body, signal, format, receivedAtMs) => {
      const rootMessage = table.index(requestTypes[signal])
      const sent = format === 'json' ? jsonToProtobuf(body, rootMessage, table, limits.maxDepth) : body
      const walk = walker.walk(sent, rootMessage)
      const rejected = walk.unknownMetrics
      const warnings = warningFor(rejected, 'metrics are of a kind that is not known here and were not kept')
      if (walk.needs === 0)
        return { value: sent, items: walk.items, rewritten: false, hasOwnTimes: true, rejected, warnings }

      const merged =
        (walk.needs & needs.repeatedSingular) === 0 ? sent : merge(sent, requestTypes[signal], table, verifier)
      const { bytes, impossibleTimes, invalidStrings, timesOfReceipt } = rewrite(merged, rootMessage, {
        table,
        walker: verifier,
        receivedAtMs,
      })
      const again = verifier.walk(bytes, rootMessage)
      if (again.needs !== 0) throw new NinefoldError('INTERNAL', `a rewritten payload still needs ${again.needs}`)
      warnings.push(
        ...warningFor(impossibleTimes, 'timestamps are out of range and were replaced (ninefold.timestamp.original)'),
        ...warningFor(invalidStrings, 'strings are not UTF-8; the bytes in question became U+FFFD'),
      )
      const hasOwnTimes = timesOfReceipt === 0
      return { value: bytes, items: again.items, rewritten: true, hasOwnTimes, rejected, warnings }
    },
  }
}

/** Merges fields sent more than once as protobuf prescribes (the last one counts), which is a library's work. */
function merge(bytes: Uint8Array, requestType: string, table: WireTable, walker: Walker): Uint8Array {
  const type = table.root.lookupType(requestType)
  const text = rewrite(bytes, table.index(requestType), { table, walker, receivedAtMs: 0, stringsOnly: true })
  try {
    return type.encode(type.decode(text.bytes)).finish()
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new NinefoldError('OTLP_MALFORMED_BODY', `protobuf with repeated singular fields: ${reason}`, { cause })
  }
}
