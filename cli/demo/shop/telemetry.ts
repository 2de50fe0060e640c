import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto'
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { core, logs, metrics, NodeSDK, resources, tracing } from '@opentelemetry/sdk-node'
import { countExports, type ExportTally } from './count-exports.ts'

/** Short, so that a failure is on screen while it happens. */
const exportDelayMs = 500
const metricIntervalMs = 10_000

export type SpanSource = ReturnType<tracing.BasicTracerProvider['getTracer']>
export type LogSource = ReturnType<logs.LoggerProvider['getLogger']>
export type MeterSource = ReturnType<metrics.MeterProvider['getMeter']>

/** What one container sends under its own resource. */
export interface ContainerTelemetry {
  readonly tracer: SpanSource
  readonly logger: LogSource
}

export interface ProcessTelemetry {
  container(attributes: Readonly<Record<string, string>>, scope: string): ContainerTelemetry
  /** Metrics of one container; `retire` sends the last values and stops. */
  meter(
    attributes: Readonly<Record<string, string>>,
    scope: string,
  ): { readonly meter: MeterSource; retire(): Promise<void> }
  /** Of all containers, so far. */
  readonly exported: { readonly spans: ExportTally; readonly logs: ExportTally }
  /** Sends what is in hand. */
  shutdown(): Promise<void>
}

/**
 * The OpenTelemetry SDK for a process that plays several pods: one exporter and one batch a signal, which keep the resources
 * apart. Where to send comes from OTEL_EXPORTER_OTLP_ENDPOINT, which the exporters read themselves.
 */
export function startTelemetry(processAttributes: Readonly<Record<string, string>>): ProcessTelemetry {
  const exported = { spans: { acknowledged: 0, givenUp: 0 }, logs: { acknowledged: 0, givenUp: 0 } }
  const spans = new tracing.BatchSpanProcessor(countExports(new OTLPTraceExporter(), exported.spans), {
    scheduledDelayMillis: exportDelayMs,
  })
  const records = new logs.BatchLogRecordProcessor({
    exporter: countExports(new OTLPLogExporter(), exported.logs),
    scheduledDelayMillis: exportDelayMs,
  })
  const points = new OTLPMetricExporter()
  const sdk = new NodeSDK({
    autoDetectResources: false,
    resource: resources.resourceFromAttributes(processAttributes),
    textMapPropagator: new core.W3CTraceContextPropagator(),
    spanProcessors: [spans],
    logRecordProcessors: [records],
    metricReaders: [],
  })
  sdk.start()
  return {
    container: (attributes, scope) => {
      const resource = resources.defaultResource().merge(resources.resourceFromAttributes(attributes))
      const tracers = new tracing.BasicTracerProvider({ resource, spanProcessors: [spans] })
      const loggers = new logs.LoggerProvider({ resource, processors: [records] })
      return { tracer: tracers.getTracer(scope), logger: loggers.getLogger(scope) }
    },
    meter: (attributes, scope) => {
      const resource = resources.defaultResource().merge(resources.resourceFromAttributes(attributes))
      const reader = new metrics.PeriodicExportingMetricReader({
        exporter: points,
        exportIntervalMillis: metricIntervalMs,
        exportTimeoutMillis: metricIntervalMs,
      })
      const provider = new metrics.MeterProvider({ resource, readers: [reader] })
      // Not `shutdown`: that would close the exporter that the other pods share.
      return { meter: provider.getMeter(scope), retire: () => provider.forceFlush() }
    },
    exported,
    shutdown: () => sdk.shutdown(),
  }
}
