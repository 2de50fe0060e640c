import type { Meter } from '@opentelemetry/api'
import type { TelemetrySignal } from '../bus/bus.ts'

/** The gateway's own numbers, all `ninefold_otlp_*`. */
export interface GatewayMetrics {
  /** One answered request: its HTTP status and how long it took. */
  request(signal: TelemetrySignal | 'none', status: number, seconds: number): void
  /** One accepted payload. */
  accepted(signal: TelemetrySignal, items: number, bytes: number, rewritten: boolean): void
  rejected(signal: TelemetrySignal, items: number): void
}

/** @param bytesInFlight read when the metrics are collected. */
export function createGatewayMetrics(meter: Meter, bytesInFlight: () => number): GatewayMetrics {
  const requests = meter.createCounter('ninefold_otlp_requests_total', { description: 'OTLP requests by HTTP status' })
  const items = meter.createCounter('ninefold_otlp_items_total', {
    description: 'Spans, log records and data points accepted',
  })
  const rejectedItems = meter.createCounter('ninefold_otlp_rejected_items_total', {
    description: 'Items refused by a partial success',
  })
  const bytes = meter.createCounter('ninefold_otlp_bytes_total', { description: 'Canonical payload bytes accepted' })
  const rewrites = meter.createCounter('ninefold_otlp_rewritten_payloads_total', {
    description: 'Payloads that the engine could not have taken as they came',
  })
  const duration = meter.createHistogram('ninefold_otlp_request_seconds', {
    description: 'From the request head to the answer',
    advice: { explicitBucketBoundaries: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] },
  })
  meter
    .createObservableGauge('ninefold_otlp_bytes_in_flight', { description: 'Bytes of requests not answered yet' })
    .addCallback(observer => observer.observe(bytesInFlight()))

  return {
    request: (signal, status, seconds) => {
      requests.add(1, { signal, code: String(status) })
      duration.record(seconds, { signal })
    },
    accepted: (signal, count, size, rewritten) => {
      items.add(count, { signal })
      bytes.add(size, { signal })
      if (rewritten) rewrites.add(1, { signal })
    },
    rejected: (signal, count) => rejectedItems.add(count, { signal }),
  }
}
