import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import protobuf from 'protobufjs'
import { otlpSchema } from '../../../lib/otlp-schema.ts'

type Value = string | number | boolean
export type Attributes = Readonly<Record<string, Value>>

export interface ReceivedSpan {
  readonly resource: Attributes
  readonly name: string
  /** 2 server, 3 client. */
  readonly kind: number
  readonly traceId: string
  readonly spanId: string
  /** Empty for the first span of a trace. */
  readonly parentId: string
  readonly startMs: number
  readonly endMs: number
  readonly failed: boolean
  readonly attributes: Attributes
}

export interface ReceivedLog {
  readonly resource: Attributes
  readonly severity: string
  readonly body: string
  readonly traceId: string
}

export interface ReceivedMetric {
  readonly resource: Attributes
  readonly name: string
}

export interface OtlpReceiver {
  readonly url: string
  /** Bodies as they came, inflated. */
  readonly bodies: { readonly path: string; readonly body: Buffer }[]
  /** Answers given instead of taking the body, one a request, while there are any. */
  readonly answers: { readonly status: number; readonly headers?: Record<string, string> }[]
  /** Everything that the bodies hold. */
  spans(): readonly ReceivedSpan[]
  logs(): readonly ReceivedLog[]
  metrics(): readonly ReceivedMetric[]
  close(): Promise<void>
}

/** A decoded message, read field by field: objects of half a million spans would take longer than the test. */
interface Message {
  readonly [field: string]: unknown
}

const root = protobuf.parse(otlpSchema).root
const decode = (type: string, body: Uint8Array) => root.lookupType(type).decode(body) as unknown as Message
const messages = (value: unknown): readonly Message[] => (Array.isArray(value) ? value : [])
const hex = (bytes: unknown) => Buffer.from(bytes as Uint8Array).toString('hex')
const toMs = (nanoseconds: unknown) => Math.round(Number(nanoseconds) / 1000) / 1000

function attributesOf(value: unknown): Attributes {
  return Object.fromEntries(
    messages(value).map(pair => {
      const any = pair.value as Message & { value: string }
      const found = any[any.value]
      return [String(pair.key), typeof found === 'string' || typeof found === 'boolean' ? found : Number(found)]
    }),
  )
}

function* recordsOf(body: Uint8Array, request: string, groups: string, scopes: string, records: string) {
  for (const group of messages(decode(request, body)[groups])) {
    const resource = attributesOf((group.resource as Message).attributes)
    for (const scoped of messages(group[scopes])) {
      for (const record of messages(scoped[records])) yield { resource, record }
    }
  }
}

function* readSpans(body: Uint8Array): Generator<ReceivedSpan> {
  for (const { resource, record } of recordsOf(
    body,
    'ExportTraceServiceRequest',
    'resourceSpans',
    'scopeSpans',
    'spans',
  )) {
    yield {
      resource,
      name: String(record.name),
      kind: Number(record.kind),
      traceId: hex(record.traceId),
      spanId: hex(record.spanId),
      parentId: hex(record.parentSpanId),
      startMs: toMs(record.startTimeUnixNano),
      endMs: toMs(record.endTimeUnixNano),
      failed: (record.status as Message | null)?.code === 2,
      attributes: attributesOf(record.attributes),
    }
  }
}

function* readLogs(body: Uint8Array): Generator<ReceivedLog> {
  for (const { resource, record } of recordsOf(
    body,
    'ExportLogsServiceRequest',
    'resourceLogs',
    'scopeLogs',
    'logRecords',
  )) {
    yield {
      resource,
      severity: String(record.severityText),
      body: String((record.body as Message).stringValue),
      traceId: hex(record.traceId),
    }
  }
}

function* readMetrics(body: Uint8Array): Generator<ReceivedMetric> {
  for (const { resource, record } of recordsOf(
    body,
    'ExportMetricsServiceRequest',
    'resourceMetrics',
    'scopeMetrics',
    'metrics',
  ))
    yield { resource, name: String(record.name) }
}

/** An OTLP/HTTP door that decodes with protobufjs what comes in, so that nothing of ours judges our own bytes. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const bodies: { path: string; body: Buffer }[] = []
  const answers: { status: number; headers?: Record<string, string> }[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const canned = answers.shift()
    if (canned !== undefined) {
      response.writeHead(canned.status, canned.headers).end()
      return
    }
    const sent = Buffer.concat(chunks)
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent
    bodies.push({ path: request.url ?? '', body })
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const bodiesOf = (path: string) => bodies.filter(body => body.path === path).map(({ body }) => body)
  return {
    bodies,
    answers,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans: () => bodiesOf('/v1/traces').flatMap(body => [...readSpans(body)]),
    logs: () => bodiesOf('/v1/logs').flatMap(body => [...readLogs(body)]),
    metrics: () => bodiesOf('/v1/metrics').flatMap(body => [...readMetrics(body)]),
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Waits until `condition` holds. @throws with `what` when it does not within the limit. */
export async function until(what: string, condition: () => boolean, limitMs = 120_000): Promise<void> {
  const deadline = Date.now() + limitMs
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`)
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}
