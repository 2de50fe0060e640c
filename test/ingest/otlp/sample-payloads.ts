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

const resource: Plain = {
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

const time = String(noon)

/** One small payload per signal that uses every message of the schema. */
export const everyField: Readonly<Record<'traces' | 'logs' | 'metrics', Buffer>> = {
  traces: encode(
    'ExportTraceServiceRequest',
    traces([
      {
        ...span(0),
        trace_state: 'vendor=1',
        parent_span_id: Buffer.from('0807060504030201', 'hex'),
        flags: 257,
        events: [{ time_unix_nano: time, name: 'exception', attributes: [attribute('exception.type', 'Timeout')] }],
        links: [
          {
            trace_id: Buffer.alloc(16, 7),
            span_id: Buffer.alloc(8, 7),
            trace_state: 'a=b',
            attributes: [attribute('n', 1)],
            flags: 1,
          },
        ],
        dropped_attributes_count: 3,
      },
      span(1),
    ]),
  ),
  logs: encode(
    'ExportLogsServiceRequest',
    logs([
      {
        time_unix_nano: time,
        observed_time_unix_nano: time,
        severity_number: 17,
        severity_text: 'ERROR',
        body: { string_value: 'grüße, 世界 👋' },
        attributes: [attribute('retry', true), attribute('ratio', 0.25), attribute('delta', -7)],
        flags: 1,
        trace_id: Buffer.alloc(16, 1),
        span_id: Buffer.alloc(8, 2),
        event_name: 'checkout.failed',
      },
    ]),
  ),
  metrics: encode(
    'ExportMetricsServiceRequest',
    metrics([
      { name: 'g', unit: '1', gauge: { data_points: [{ time_unix_nano: time, as_double: 0.5, flags: 1 }] } },
      {
        name: 's',
        sum: {
          data_points: [
            {
              start_time_unix_nano: time,
              time_unix_nano: time,
              as_int: '42',
              attributes: [attribute('k', 'v')],
              exemplars: [
                {
                  time_unix_nano: time,
                  as_double: 1,
                  trace_id: Buffer.alloc(16, 3),
                  span_id: Buffer.alloc(8, 3),
                  filtered_attributes: [attribute('user', 'u1')],
                },
              ],
            },
          ],
          aggregation_temporality: 2,
          is_monotonic: true,
        },
      },
      {
        name: 'h',
        histogram: {
          data_points: [
            {
              time_unix_nano: time,
              count: '3',
              sum: 6.5,
              bucket_counts: ['1', '2'],
              explicit_bounds: [1],
              min: 0,
              max: 4,
            },
          ],
          aggregation_temporality: 1,
        },
      },
      {
        name: 'e',
        exponential_histogram: {
          data_points: [
            {
              time_unix_nano: time,
              count: '9',
              scale: -3,
              zero_count: '1',
              positive: { offset: -2, bucket_counts: ['1', '300'] },
              negative: { offset: 1, bucket_counts: ['4'] },
              zero_threshold: 0.1,
            },
          ],
          aggregation_temporality: 2,
        },
      },
      {
        name: 'q',
        summary: {
          data_points: [{ time_unix_nano: time, count: '5', sum: 9, quantile_values: [{ quantile: 0.5, value: 2 }] }],
        },
      },
    ]),
  ),
}

export const requestTypes = {
  traces: 'ExportTraceServiceRequest',
  logs: 'ExportLogsServiceRequest',
  metrics: 'ExportMetricsServiceRequest',
} as const

/** Spans, log records or data points of a decoded request, counted by walking the library's objects. */
export function countItems(decoded: unknown): number {
  if (Array.isArray(decoded)) return decoded.reduce<number>((sum, element) => sum + countItems(element), 0)
  if (typeof decoded !== 'object' || decoded === null) return 0
  return Object.entries(decoded).reduce((sum, [name, value]) => {
    const counted = ['spans', 'log_records', 'data_points'].includes(name) && Array.isArray(value)
    return sum + (counted ? value.length : countItems(value))
  }, 0)
}

/** One request of `count` spans of a service, numbered from `from`. */
export function tracesOf(service: string, from: number, count = 1): Buffer {
  const spans = Array.from({ length: count }, (_, at) => span(from + at))
  const resource = { attributes: [attribute('service.name', service)] }
  return encode('ExportTraceServiceRequest', { resource_spans: [{ resource, scope_spans: [{ spans }] }] })
}
