import type { Histogram } from '@opentelemetry/api'
import type { ContainerTelemetry, ProcessTelemetry } from './telemetry.ts'
import { type PodIdentity, podName, resourceAttributes, sidecarContainer } from './topology.ts'

export interface Pod {
  readonly identity: PodIdentity
  readonly name: string
  /** The service itself. */
  readonly app: ContainerTelemetry
  /** The proxy beside it. */
  readonly sidecar: ContainerTelemetry
  /** Seconds per request, `http.server.request.duration`. */
  readonly requestDuration: Histogram
  /** Whether the request that asks now is one of those that this version fails. */
  failsNow(): boolean
  retire(): Promise<void>
}

/** Bounds that the semantic conventions advise for HTTP durations, in seconds. */
const durationBounds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]

/** @param failureShare share of requests, 0 to 1, that this pod answers with 500. */
export function createPod(telemetry: ProcessTelemetry, identity: PodIdentity, failureShare: number): Pod {
  const scope = `shop/${identity.service}`
  const attributes = resourceAttributes(identity, identity.service)
  const metrics = telemetry.meter(attributes, scope)
  let due = 0
  return {
    identity,
    name: podName(identity),
    app: telemetry.container(attributes, scope),
    sidecar: telemetry.container(resourceAttributes(identity, sidecarContainer), sidecarContainer),
    requestDuration: metrics.meter.createHistogram('http.server.request.duration', {
      unit: 's',
      description: 'Duration of HTTP server requests',
      advice: { explicitBucketBoundaries: durationBounds },
    }),
    failsNow: () => {
      // Failures are spread evenly rather than drawn, so that the story takes the same time at each telling.
      due += failureShare
      if (due < 1) return false
      due -= 1
      return true
    },
    retire: metrics.retire,
  }
}
