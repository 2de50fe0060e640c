import { writeFileSync } from 'node:fs'
import protobuf from 'protobufjs'
import { recordSchema } from '../../store/tables/payload-structure.ts'

const types = protobuf.parse(recordSchema).root

export type RecordMessage = 'TraceRecord' | 'LogRecordEnvelope' | 'MetricRecord'

/** A key-value pair of OTLP; the JavaScript type decides which member of the oneof is sent. */
export function attribute(key: string, value: string | number | boolean) {
  if (typeof value === 'string') return { key, value: { stringValue: value } }
  if (typeof value === 'boolean') return { key, value: { boolValue: value } }
  return { key, value: Number.isInteger(value) ? { intValue: value } : { doubleValue: value } }
}

/** An Export request, from the object form that protobufjs takes (camelCase). */
export function encodeRequest(
  message: 'ExportTraceServiceRequest' | 'ExportLogsServiceRequest' | 'ExportMetricsServiceRequest',
  request: Record<string, unknown>,
): Uint8Array {
  const type = types.lookupType(message)
  return type.encode(type.fromObject(request)).finish()
}

/** Ids of the spans of an Export request, in hexadecimal digits. */
export function spanIdsOf(request: Uint8Array): string[] {
  const decoded = types.lookupType('ExportTraceServiceRequest').decode(request) as unknown as SpansMessage
  return decoded.resourceSpans.flatMap(({ scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) => spans.map(({ spanId }) => Buffer.from(spanId).toString('hex'))),
  )
}

interface SpansMessage {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly { readonly spanId: Uint8Array }[] }[]
  }[]
}

export interface DecodedSpan {
  readonly name: string
  readonly kind: number
  readonly spanId: string
  readonly parentSpanId?: string
  readonly status?: { readonly code: number; readonly message: string }
  /** Nanoseconds as digits. */
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, string | boolean>> }[]
}

/** The spans of an Export request: what was not set is absent, 64-bit integers are digits, ids are base64. */
export function decodeSpans(request: Uint8Array): DecodedSpan[] {
  const type = types.lookupType('ExportTraceServiceRequest')
  const plain = type.toObject(type.decode(request), { longs: String, bytes: String }) as {
    readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly DecodedSpan[] }[] }[]
  }
  return plain.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
}

/** How many log records an Export request has. */
export function logRecordsOf(request: Uint8Array): number {
  const decoded = types.lookupType('ExportLogsServiceRequest').decode(request) as unknown as LogsMessage
  const scopes = decoded.resourceLogs.flatMap(({ scopeLogs }) => scopeLogs)
  return scopes.reduce((sum, { logRecords }) => sum + logRecords.length, 0)
}

interface LogsMessage {
  readonly resourceLogs: readonly { readonly scopeLogs: readonly { readonly logRecords: readonly unknown[] }[] }[]
}

/** Writes requests as a staged batch: length-delimited records as the bus stages them. */
export function stageRequests(
  file: string,
  message: RecordMessage,
  requests: readonly Record<string, unknown>[],
): void {
  const type = types.lookupType(message)
  const records = requests.map((payload, offset) =>
    type.encodeDelimited(type.fromObject({ recordOffset: offset, receivedAt: '1', payload })).finish(),
  )
  writeFileSync(file, Buffer.concat(records))
}
