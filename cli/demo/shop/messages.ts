import type { ProcessTelemetry } from './telemetry.ts'
import type { ServiceName } from './topology.ts'

/** What the demo says to the shop's processes, and what they say back, over Node's IPC channel. */

export type Order =
  /** Where the services listen; sent once, when all are up. */
  | { readonly kind: 'peers'; readonly ports: Readonly<Record<ServiceName, number>> }
  | ({ readonly kind: 'deploy' } & Deployment)
  /** Send what is in hand and end. */
  | { readonly kind: 'stop' }

export type Report =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'deployed'; readonly zone: string; readonly version: string }
  /** Visits so far, from the visitors' process. */
  | { readonly kind: 'visits'; readonly sent: number; readonly failed: number }
  /** What became of a service's telemetry so far; for the last time when it ends. */
  | ({ readonly kind: 'telemetry' } & ProcessTelemetry['exported'])

/** Replaces the pods of a zone. */
export interface Deployment {
  readonly zone: string
  readonly version: string
  /** Share of requests, 0 to 1, that the new pods answer with 500. */
  readonly failureShare: number
  /** Between one pod and the next. */
  readonly pauseMs: number
}
