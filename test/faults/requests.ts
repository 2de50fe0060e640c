import type { Topic } from '../../ingest/bus/bus.ts'
import { attribute, encodeRequest } from '../factories/otlp.ts'

/** One export request of events that occur nowhere else, and the keys under which the store must have them: `span:…`, `log:…`. */
export interface EventRequest {
  readonly topic: Topic
  readonly path: string
  readonly body: Uint8Array
  readonly keys: readonly string[]
}

/** Of several services, because a log is keyed by resource: each of its partitions gets some. */
const resourceOf = (id = '') => ({ attributes: [attribute('service.name', `faults-${id.slice(-1)}`)] })
const now = () => `${Date.now()}000000`

/** Ids are hexadecimal, sixteen digits. */
export function spansRequest(ids: readonly string[], name = 'GET /'): EventRequest {
  const spans = ids.map(id => ({
    traceId: Buffer.alloc(16, 7),
    spanId: Buffer.from(id, 'hex'),
    name,
    kind: 2,
    startTimeUnixNano: now(),
    endTimeUnixNano: now(),
    attributes: [attribute('http.response.status_code', 200)],
  }))
  const resourceSpans = [{ resource: resourceOf(ids[0]), scopeSpans: [{ spans }] }]
  const body = encodeRequest('ExportTraceServiceRequest', { resourceSpans })
  return { topic: 'otlp_spans', path: '/v1/traces', body, keys: ids.map(id => `span:${id}`) }
}

function logsRequest(ids: readonly string[]): EventRequest {
  const logRecords = ids.map(id => ({ timeUnixNano: now(), body: { stringValue: id } }))
  const resourceLogs = [{ resource: resourceOf(ids[0]), scopeLogs: [{ logRecords }] }]
  const body = encodeRequest('ExportLogsServiceRequest', { resourceLogs })
  return { topic: 'otlp_logs', path: '/v1/logs', body, keys: ids.map(id => `log:${id}`) }
}

/** A gauge and a histogram: rows of two tables, so that a batch of them is several inserts. */
function metricsRequest(ids: readonly string[]): EventRequest {
  const point = (id: string) => ({ timeUnixNano: now(), attributes: [attribute('event', id)] })
  const metrics = [
    { name: 'queue', gauge: { dataPoints: ids.map(id => ({ ...point(id), asInt: 1 })) } },
    { name: 'wait', histogram: { dataPoints: ids.map(id => ({ ...point(id), count: 1, sum: 1 })) } },
  ]
  const body = encodeRequest('ExportMetricsServiceRequest', {
    resourceMetrics: [{ resource: resourceOf(ids[0]), scopeMetrics: [{ metrics }] }],
  })
  return {
    topic: 'otlp_metrics',
    path: '/v1/metrics',
    body,
    keys: ids.flatMap(id => [`gauge:${id}`, `histogram:${id}`]),
  }
}

/** Requests of the three signals in turn, each of some new events. */
export function createRequestSource(random: () => number): () => EventRequest {
  const signals = [(ids: readonly string[]) => spansRequest(ids), logsRequest, metricsRequest]
  let made = 0
  let nextId = 1
  return () => {
    const ids = Array.from({ length: 1 + Math.floor(random() * 12) }, () => (nextId++).toString(16).padStart(16, '0'))
    return (signals[made++ % signals.length] ?? logsRequest)(ids)
  }
}

/** The key of every event in the store, a row each. */
export const storedKeysSql = `SELECT concat('span:', SpanId) AS key FROM otel_traces WHERE SpanName = 'GET /'
UNION ALL SELECT concat('log:', Body) FROM otel_logs
UNION ALL SELECT concat('gauge:', Attributes['event']) FROM otel_metrics_gauge
UNION ALL SELECT concat('histogram:', Attributes['event']) FROM otel_metrics_histogram`
