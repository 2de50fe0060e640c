import protobuf from 'protobufjs'
import { otlpSchema } from '../../lib/otlp-schema.ts'
import type { StepRun, TransactionRun } from './run-transaction.ts'
import type { StepFailure } from './step-failure.ts'

type Attributes = Readonly<Record<string, string | number | boolean>>

const requestType = protobuf.parse(otlpSchema, { keepCase: true }).root.lookupType('ExportTraceServiceRequest')

const clientKind = 3
const errorStatus = 2

/**
 * A run as one canonical `ExportTraceServiceRequest`: a trace with a span of the transaction and one of each step below it. A span that is
 * `synthetic` and has `ninefold.synthetic.transaction` is an event of the signal `synthetics` (store/migrations).
 */
export function runSpans(run: TransactionRun, resource: Attributes): Uint8Array {
  const scope = { name: 'ninefold/synthetics' }
  const spans = [rootSpan(run), ...run.steps.map(step => stepSpan(step, run))]
  const message = {
    resource_spans: [{ resource: { attributes: keyValues(resource) }, scope_spans: [{ scope, spans }] }],
  }
  return requestType.encode(message).finish()
}

function rootSpan({ transaction, traceId, spanId, startMs, endMs, failure }: TransactionRun) {
  const attributes = {
    synthetic: true,
    'ninefold.synthetic.transaction': transaction.name,
    'ninefold.synthetic.service': transaction.service,
    ...(failure === undefined ? {} : { 'ninefold.synthetic.failed_step': failure.step, 'error.type': failure.reason }),
  }
  const message = failure === undefined ? undefined : { ...failure, message: `${failure.step}: ${failure.message}` }
  return {
    trace_id: traceId,
    span_id: spanId,
    ...spanOf(transaction.name, { startMs, endMs }, attributes, message),
  }
}

/** Attributes of HTTP client spans (OpenTelemetry semantic conventions). */
function stepSpan({ step, spanId, url, status, bodyBytes, failure, ...times }: StepRun, run: TransactionRun) {
  const attributes = {
    synthetic: true,
    'ninefold.synthetic.step': step.name,
    'http.request.method': step.method,
    ...(url === undefined ? {} : urlAttributes(url)),
    ...(status === undefined ? {} : { 'http.response.status_code': status }),
    ...(bodyBytes === undefined ? {} : { 'http.response.body.size': bodyBytes }),
    ...(failure === undefined ? {} : { 'error.type': failure.reason }),
  }
  return {
    trace_id: run.traceId,
    span_id: spanId,
    parent_span_id: run.spanId,
    ...spanOf(step.name, times, attributes, failure),
  }
}

/** The query may hold what is nobody's business. */
function urlAttributes({ origin, pathname, protocol, hostname, port }: URL): Attributes {
  const defaultPort = protocol === 'https:' ? 443 : 80
  return {
    'url.full': `${origin}${pathname}`,
    'server.address': hostname,
    'server.port': port === '' ? defaultPort : Number(port),
  }
}

function spanOf(
  name: string,
  { startMs, endMs }: { readonly startMs: number; readonly endMs: number },
  attributes: Attributes,
  failure: StepFailure | undefined,
) {
  return {
    name,
    kind: clientKind,
    start_time_unix_nano: nanoseconds(startMs),
    end_time_unix_nano: nanoseconds(endMs),
    attributes: keyValues(attributes),
    ...(failure === undefined ? {} : { status: { code: errorStatus, message: failure.message } }),
  }
}

function keyValues(attributes: Attributes) {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: anyValue(value) }))
}

function anyValue(value: string | number | boolean) {
  if (typeof value === 'string') return { string_value: value }
  return typeof value === 'boolean' ? { bool_value: value } : { int_value: value }
}

/** As protobufjs takes 64 bits; microseconds are exact, as milliseconds since the epoch hold them in a double. */
function nanoseconds(ms: number) {
  const value = BigInt(Math.floor(ms * 1000)) * 1000n
  return { low: Number(value & 0xffff_ffffn), high: Number(value >> 32n), unsigned: true }
}
