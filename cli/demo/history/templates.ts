import { WireWriter } from '../../../ingest/otlp/wire-writer.ts'
import {
  clientAttributes,
  clientFault,
  databaseAttributes,
  databaseSpanName,
  type SpanAttributes,
  serverAttributes,
  serverFault,
  serverSpanName,
  sidecarAttributes,
  sidecarSpanName,
} from '../shop/span-attributes.ts'
import type { DatabaseCall, Operation } from '../shop/work.ts'

/** Encoded parts that many records share; made once each. */
export interface Templates {
  server(operation: Operation, id: number, status: number): Uint8Array
  client(operation: Operation, id: number, status: number): Uint8Array
  sidecar(operation: Operation, status: number): Uint8Array
  database(call: DatabaseCall): Uint8Array
  log(severity: 'INFO' | 'WARN' | 'ERROR', body: string): Uint8Array
}

const lengthDelimited = 2
const varint = 0
const serverKind = 2
const clientKind = 3
const errorStatus = 2
const severityNumbers = { INFO: 9, WARN: 13, ERROR: 17 } as const

export function createTemplates(): Templates {
  const made = new Map<string, Uint8Array>()
  const once = (key: string, make: () => Uint8Array) => {
    let template = made.get(key)
    if (template === undefined) {
      template = make()
      made.set(key, template)
    }
    return template
  }
  return {
    server: (operation, id, status) =>
      once(`server ${operation.method} ${operation.route} ${id} ${status}`, () =>
        span(
          serverSpanName(operation),
          serverKind,
          withStatus(serverAttributes(operation, id), status, serverFault),
          status >= serverFault,
        ),
      ),
    client: (operation, id, status) =>
      once(`client ${operation.method} ${operation.route} ${id} ${status}`, () =>
        span(
          serverSpanName(operation),
          clientKind,
          withStatus(clientAttributes(operation, id), status, clientFault),
          status >= clientFault,
        ),
      ),
    sidecar: (operation, status) =>
      once(`sidecar ${operation.method} ${operation.route} ${status}`, () =>
        span(
          sidecarSpanName(operation),
          clientKind,
          withStatus(sidecarAttributes(operation), status, clientFault),
          status >= clientFault,
        ),
      ),
    database: call =>
      once(`database ${databaseSpanName(call)}`, () =>
        span(databaseSpanName(call), clientKind, databaseAttributes(call), false),
      ),
    log: (severity, body) => once(`log ${severity} ${body}`, () => logRecord(severity, body)),
  }
}

function withStatus(attributes: SpanAttributes, status: number, faultFrom: number): SpanAttributes {
  const all: SpanAttributes = { ...attributes, 'http.response.status_code': status }
  return status >= faultFrom ? { ...all, 'error.type': String(status) } : all
}

function span(name: string, kind: number, attributes: SpanAttributes, failed: boolean): Uint8Array {
  const writer = new WireWriter().tag(5, lengthDelimited).string(name).tag(6, varint).varint(kind)
  writeAttributes(writer, 9, attributes)
  if (failed) {
    writer.tag(15, lengthDelimited)
    const mark = writer.begin()
    writer.tag(3, varint).varint(errorStatus)
    writer.end(mark)
  }
  return writer.finish()
}

function logRecord(severity: keyof typeof severityNumbers, body: string): Uint8Array {
  const writer = new WireWriter().tag(2, varint).varint(severityNumbers[severity])
  writer.tag(3, lengthDelimited).string(severity).tag(5, lengthDelimited)
  const mark = writer.begin()
  writer.tag(1, lengthDelimited).string(body)
  writer.end(mark)
  return writer.finish()
}

/** KeyValue messages in field `field`. */
export function writeAttributes(
  writer: WireWriter,
  field: number,
  attributes: Readonly<Record<string, string | number | boolean>>,
): void {
  for (const [key, value] of Object.entries(attributes)) {
    writer.tag(field, lengthDelimited)
    const pair = writer.begin()
    writer.tag(1, lengthDelimited).string(key).tag(2, lengthDelimited)
    const any = writer.begin()
    if (typeof value === 'string') writer.tag(1, lengthDelimited).string(value)
    else if (typeof value === 'boolean') writer.tag(2, varint).varint(value ? 1 : 0)
    else writer.tag(3, varint).varint(value)
    writer.end(any)
    writer.end(pair)
  }
}
