import { attribute, encodeRequest } from '../factories/otlp.ts'

/** Requests that hold every kind of value that a telemetry table has a column for, an hour before `atMs` and later. */

const traceId = Buffer.alloc(16, 0xa7)
const spanId = Buffer.alloc(8, 0x5c)

/** The wire names of attribute values that `attribute` has no JavaScript type for. */
const list = { arrayValue: { values: [{ stringValue: 'a' }, { intValue: 2 }, { boolValue: true }] } }
const nested = { kvlistValue: { values: [{ key: 'inner', value: list }] } }
const attributes = [
  attribute('text', 'zoë "quoted"'),
  attribute('whole', 42),
  attribute('broken', 0.1),
  attribute('yes', true),
  attribute('empty', ''),
  { key: 'list', value: list },
  { key: 'nested', value: nested },
  { key: 'bytes', value: { bytesValue: Buffer.from([0, 255, 16]) } },
]

const resource = (region: string) => ({
  attributes: [attribute('service.name', 'shop'), attribute('cloud.region', region), attribute('k8s.pod.name', 'p-1')],
})
const scope = { name: 'library', version: '1.2', attributes: [attribute('scoped', 7)], droppedAttributesCount: 3 }
const schemaUrl = 'https://opentelemetry.io/schemas/1.30.0'

export interface Requests {
  readonly traces: Uint8Array
  readonly logs: Uint8Array
  readonly metrics: Uint8Array
}

/** 100 spans of which 7 are bad, 30 log records of which 6 are errors, and one point or more of each kind of metric. */
export function everyKindOfValue(atMs: number): Requests {
  const nanos = (index: number) => `${BigInt(atMs) * 1_000_000n + BigInt(index)}`
  const spans = (bad: number) =>
    Array.from({ length: 50 }, (_, index) => ({
      ...{ traceId, spanId, parentSpanId: index % 2 === 0 ? spanId : Buffer.alloc(0), traceState: 'a=1' },
      ...{ name: 'GET /', kind: index % 6, startTimeUnixNano: nanos(index), endTimeUnixNano: nanos(index * 3) },
      status: { code: index < bad ? 2 : index % 2, message: index < bad ? 'broken' : '' },
      attributes: index === 0 ? attributes : [attribute('index', index)],
      events:
        index % 10 === 0
          ? [
              { timeUnixNano: nanos(index), name: 'exception', attributes },
              { timeUnixNano: nanos(1), name: 'bare' },
            ]
          : [],
      links: index % 10 === 1 ? [{ traceId, spanId, traceState: 'b=2', attributes }] : [],
    }))
  const bodies = [{ stringValue: 'line' }, { intValue: 5 }, list, nested, undefined]
  const logRecords = Array.from({ length: 30 }, (_, index) => ({
    ...(index % 2 === 0 ? { timeUnixNano: nanos(index) } : { observedTimeUnixNano: nanos(index) }),
    ...{ severityNumber: index < 6 ? 17 : 9, severityText: index < 6 ? 'ERROR' : 'INFO', flags: 1 },
    ...{ traceId, spanId, attributes, body: bodies[index % bodies.length], eventName: index === 0 ? 'started' : '' },
  }))
  return {
    traces: encodeRequest('ExportTraceServiceRequest', {
      resourceSpans: [
        { resource: resource('eu'), schemaUrl, scopeSpans: [{ scope, schemaUrl, spans: spans(7) }] },
        { resource: resource('us'), scopeSpans: [{ spans: spans(0) }] },
      ],
    }),
    logs: encodeRequest('ExportLogsServiceRequest', {
      resourceLogs: [{ resource: resource('eu'), schemaUrl, scopeLogs: [{ scope, schemaUrl, logRecords }] }],
    }),
    metrics: encodeRequest('ExportMetricsServiceRequest', {
      resourceMetrics: [
        { resource: resource('eu'), schemaUrl, scopeMetrics: [{ scope, schemaUrl, metrics: metrics(nanos) }] },
      ],
    }),
  }
}

function metrics(nanos: (index: number) => string) {
  const times = { startTimeUnixNano: nanos(0), timeUnixNano: nanos(2_000_000_000) }
  const exemplars = [{ timeUnixNano: nanos(1), asDouble: 0.2, traceId, spanId, filteredAttributes: attributes }]
  const point = { ...times, attributes, exemplars }
  const counted = (status: number, asInt: number) => ({
    ...{ ...times, asInt, exemplars, attributes: [attribute('http.response.status_code', status)] },
  })
  const measured = { ...point, count: 55, sum: 7.5, min: 0.01, max: 0.9 }
  const quantileValues = [
    { quantile: 0.5, value: 0.1 },
    { quantile: 0.99, value: 0.8 },
  ]
  const buckets = (offset: number) => ({ offset, bucketCounts: [1, 2] })
  const common = (name: string) => ({ name, description: `What ${name} is`, unit: '{thing}' })
  const delta = { aggregationTemporality: 1 }
  return [
    {
      ...common('depth'),
      gauge: {
        dataPoints: [
          { ...point, asDouble: 3.25 },
          { ...times, asInt: -4 },
        ],
      },
    },
    {
      ...common('requests'),
      sum: { ...delta, isMonotonic: true, dataPoints: [counted(200, 90), counted(500, 10)] },
    },
    {
      ...common('latency'),
      histogram: { ...delta, dataPoints: [{ ...measured, bucketCounts: [40, 10, 5], explicitBounds: [0.1, 0.25] }] },
    },
    {
      ...common('spread'),
      exponentialHistogram: {
        ...delta,
        dataPoints: [{ ...measured, scale: 2, zeroCount: 49, positive: buckets(-3), negative: buckets(1) }],
      },
    },
    { ...common('digest'), summary: { dataPoints: [{ ...times, attributes, count: 9, sum: 1.5, quantileValues }] } },
  ]
}
