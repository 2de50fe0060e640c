import protobuf from 'protobufjs'
import { otlpSchema } from '../../../lib/otlp-schema.ts'

/** The library's own reading of the schema: the oracle of the tests. */
export const root = protobuf.parse(otlpSchema, { keepCase: true }).root.resolveAll()

export type Plain = Record<string, unknown>

export function encode(type: string, message: Plain): Buffer {
  const found = root.lookupType(type)
  return Buffer.from(found.encode(found.fromObject(message)).finish())
}

export function decode(type: string, bytes: Uint8Array): Plain {
  const found = root.lookupType(type)
  return found.toObject(found.decode(bytes), { longs: String, bytes: String, defaults: false })
}

export function attribute(key: string, value: string | number | boolean): Plain {
  if (typeof value === 'string') return { key, value: { string_value: value } }
  if (typeof value === 'boolean') return { key, value: { bool_value: value } }
  return { key, value: Number.isInteger(value) ? { int_value: value } : { double_value: value } }
}

export const resource: Plain = {
  attributes: [
    attribute('service.name', 'checkout'),
    attribute('service.version', '1.4.2'),
    attribute('deployment.environment.name', 'production'),
    attribute('cloud.region', 'eu-central-1'),
    attribute('cloud.availability_zone', 'eu-central-1b'),
    attribute('k8s.pod.name', 'checkout-7d9f8b6c5-x2x9q'),
    attribute('k8s.node.name', 'node-17'),
  ],
}

/** 2026-11-23T20:00:00Z in nanoseconds. */
export const noon = 1_795_464_000_000_000_000n

export function span(at: number): Plain {
  return {
    trace_id: Buffer.from(`0102030405060708090a0b0c${at.toString(16).padStart(8, '0')}`, 'hex'),
    span_id: Buffer.from(`a1a2a3a4${at.toString(16).padStart(8, '0')}`, 'hex'),
    name: 'POST /checkout',
    kind: 2,
    start_time_unix_nano: String(noon + BigInt(at) * 1000n),
    end_time_unix_nano: String(noon + BigInt(at) * 1000n + 5_000_000n),
    attributes: [
      attribute('http.request.method', 'POST'),
      attribute('http.route', '/checkout/:cart'),
      attribute('http.response.status_code', at % 10 === 0 ? 500 : 200),
      attribute('url.path', `/checkout/${at}`),
      attribute('server.address', 'checkout.shop.internal'),
      attribute('network.protocol.version', '1.1'),
      attribute('user_agent.original', 'Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101'),
    ],
    status: at % 10 === 0 ? { code: 2, message: 'upstream' } : {},
  }
}

export function traces(spans: readonly Plain[]): Plain {
  return { resource_spans: [{ resource, scope_spans: [{ scope: { name: 'shop', version: '1.0.0' }, spans }] }] }
}

export function tracesPayload(count: number): Buffer {
  const spans = Array.from({ length: count }, (_, at) => span(at))
  return encode('ExportTraceServiceRequest', traces(spans))
}

export function logs(records: readonly Plain[]): Plain {
  return { resource_logs: [{ resource, scope_logs: [{ scope: { name: 'shop' }, log_records: records }] }] }
}

export function metrics(list: readonly Plain[]): Plain {
  return { resource_metrics: [{ resource, scope_metrics: [{ scope: { name: 'shop' }, metrics: list }] }] }
}
