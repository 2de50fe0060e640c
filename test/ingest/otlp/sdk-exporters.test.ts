import { createRequire } from 'node:module'
import { api, logs, metrics, resources, tracing } from '@opentelemetry/sdk-node'
import { expect, it } from 'vitest'
import { createRecordingProducer, createTestGateway } from './gateway-under-test.ts'
import { countItems, decode, type Plain, requestTypes } from './sample-payloads.ts'

/**
 * The OpenTelemetry SDK for Node as an encoder that is not ours: its exporters send over HTTP, in protobuf and in JSON, and over gRPC, and
 * every span, log record and data point is counted behind the gateway. The exporters are those the SDK package itself uses.
 */

const own = createRequire(import.meta.url)
const ofSdk = createRequire(own.resolve('@opentelemetry/sdk-node'))

interface ExporterOptions {
  readonly url: string
  readonly compression: 'none' | 'gzip'
}
const exporterOf = <T>(
  signal: string,
  name: string,
  encoding: 'proto' | 'http' | 'grpc',
  options: ExporterOptions,
): T => {
  const module = ofSdk(`@opentelemetry/exporter-${signal}-otlp-${encoding}`) as Record<string, new (o: unknown) => T>
  const Exporter = module[name]
  if (Exporter === undefined) throw new Error(`the SDK has no ${name}`)
  return new Exporter(options)
}

const spanCount = 700
const recordCount = 300
const pointCount = 5

// The detector that puts an array, process.command_args, into every resource of a Node process.
const resource = resources
  .resourceFromAttributes({ 'service.name': 'checkout' })
  .merge(resources.detectResources({ detectors: [resources.processDetector] }))

async function sendTraces(exporter: tracing.SpanExporter): Promise<void> {
  const provider = new tracing.BasicTracerProvider({
    resource,
    spanProcessors: [new tracing.BatchSpanProcessor(exporter)],
  })
  const tracer = provider.getTracer('shop', '1.0.0')
  for (let at = 0; at < spanCount; at++) {
    const span = tracer.startSpan(`GET /${at}`, {
      kind: api.SpanKind.SERVER,
      attributes: { at, path: ['a', 'b'], ok: true },
    })
    span.addEvent('cache', { hit: false })
    span.setStatus({ code: api.SpanStatusCode.ERROR, message: 'grüße' })
    span.end()
  }
  await provider.shutdown()
}

async function sendLogs(exporter: logs.LogRecordExporter): Promise<void> {
  const provider = new logs.LoggerProvider({ resource, processors: [new logs.BatchLogRecordProcessor({ exporter })] })
  const logger = provider.getLogger('shop')
  for (let at = 0; at < recordCount; at++)
    logger.emit({ severityNumber: 9, body: { at, text: 'paid' }, attributes: { at } })
  await provider.shutdown()
}

async function sendMetrics(exporter: metrics.PushMetricExporter): Promise<void> {
  const reader = new metrics.PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })
  const provider = new metrics.MeterProvider({ resource, readers: [reader] })
  const meter = provider.getMeter('shop')
  for (let at = 0; at < pointCount; at++) meter.createCounter('orders').add(1, { shop: at })
  for (let at = 0; at < pointCount; at++) meter.createHistogram('latency').record(at, { shop: at })
  meter.createGauge('queue').record(7)
  await provider.shutdown()
}

it.each([
  ['proto', 'none'],
  ['proto', 'gzip'],
  ['http', 'none'],
  ['http', 'gzip'],
  ['grpc', 'none'],
  ['grpc', 'gzip'],
] as const)('every item of the SDK exporters arrives (%s, compression %s)', async (encoding, compression) => {
  const producer = createRecordingProducer()
  const unstarted = createTestGateway(producer)
  const gateway = await (encoding === 'grpc' ? unstarted.listenGrpc('127.0.0.1', 0) : unstarted.listen('127.0.0.1', 0))
  const path = (signal: string) => (encoding === 'grpc' ? '' : `/v1/${signal}`)
  const options = (signal: string) => ({ url: `${gateway.address}${path(signal)}`, compression })
  await sendTraces(exporterOf('trace', 'OTLPTraceExporter', encoding, options('traces')))
  await sendLogs(exporterOf('logs', 'OTLPLogExporter', encoding, options('logs')))
  await sendMetrics(exporterOf('metrics', 'OTLPMetricExporter', encoding, options('metrics')))
  await gateway.close()

  const decodedOf = (topic: string, type: string): Plain[] =>
    producer.records.filter(record => record.topic === topic).map(record => decode(type, record.value))
  const spans = decodedOf('otlp_spans', requestTypes.traces)
  const records = decodedOf('otlp_logs', requestTypes.logs)
  const points = decodedOf('otlp_metrics', requestTypes.metrics)
  expect(countItems(spans)).toBe(spanCount)
  expect(countItems(records)).toBe(recordCount)
  expect(countItems(points)).toBe(2 * pointCount + 1)

  const everything = JSON.stringify([spans, records, points])
  expect(everything).not.toContain('array_value')
  expect(everything).not.toContain('kvlist_value')
  expect(everything).toContain(JSON.stringify({ key: 'path', value: { string_value: '["a","b"]' } }))
  expect(everything).toContain(JSON.stringify('{"at":0,"text":"paid"}'))
  expect(everything).toContain('process.command_args')
})
