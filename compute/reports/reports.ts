import type { LayerName } from '../../slo-specs/schema/layers.ts'
import type { SpecSet } from '../../slo-specs/schema/model.ts'
import type { EventPart } from '../alerts/burning-layers.ts'
import type { AlertEpisode, AlertSeverity, AlertState } from '../alerts/episode.ts'
import type { Period } from '../budget/period.ts'
import type { Counts, KnownPart, SloStatus } from '../budget/status.ts'
import type { PeriodReport } from './period-report.ts'

/** What api, cli and dashboards ask: every number they show comes from here. */
export interface Reports {
  specs(): SpecSet
  /** Worst budget first. One query over the roll-ups for all SLOs. */
  listStatuses(): Promise<readonly SloStatus[]>
  status(slo: string): Promise<SloStatus | undefined>
  /** Over the last day, or the SLO's window where that is shorter. Null of one that judges no values of metrics. */
  bounds(slo: string): Promise<GoodBounds | null>
  /** Which part of a range is on record, in rows as fine as a step where one is told; undefined for an unknown SLO. */
  known(slo: string, range: TimeRange, stepSeconds?: number): Promise<KnownPart | undefined>
  /** One point per step, aligned to the step in UTC; steps without events have valid 0 and sli null. */
  history(slo: string, range: HistoryRange): Promise<readonly HistoryPoint[]>
  /** One row per value of the layer over the range, worst (most bad) first; sums equal the total. */
  layers(slo: string, by: LayerName, range: TimeRange): Promise<readonly LayerRow[]>
  /** Who eats the budget of the last so many seconds (whole minutes; the SLO's own window without): every layer at once. Undefined for an unknown SLO. @throws API_BAD_REQUEST for a composite, whose members have the layers. */
  attribution(slo: string, windowSeconds?: number, withVersions?: boolean): Promise<Attribution | undefined>
  layerHistory(slo: string, by: LayerName, range: HistoryRange): Promise<readonly LayerSeries[]>
  /** Good and valid events of the minutes since `sinceMs`, by SLO name; only ever grow while late events arrive. A composite has none: its members have. */
  totals(sinceMs: number): Promise<ReadonlyMap<string, Counts>>
  /** How the promises in force were kept in a calendar period. @throws API_BAD_REQUEST for one that has not begun. */
  period(period: Period): Promise<PeriodReport>
  episodes(filter: EpisodeFilter): Promise<readonly AlertEpisode[]>
  /** A `service.version` first seen in traces within the range. */
  deployments(service: string, range: TimeRange): Promise<readonly Deployment[]>
  notifications(filter: { readonly slo?: string; readonly limit: number }): Promise<readonly NotificationRecord[]>
}

/** Of measurements that are known by their buckets: how many of them were good, whatever their values were. */
export interface GoodBounds extends TimeRange {
  readonly valid: bigint
  /** What the SLO counts: those in a bucket that its value cuts are bad. */
  readonly goodAtLeast: bigint
  /** As if all of those were good. */
  readonly goodAtMost: bigint
}

export interface TimeRange {
  readonly fromMs: number
  readonly toMs: number
}

export interface HistoryRange extends TimeRange {
  /** A whole number of minutes. */
  readonly stepSeconds: number
}

export interface HistoryPoint extends Counts {
  readonly atMs: number
  readonly sli: number | null
  /** Remaining ratio of the SLO's whole window as it stood at the end of this step; null without data, and where rows of the window have gone. */
  readonly budgetRemainingRatio: number | null
  /** Burn rate of the step itself. */
  readonly burnRate: number | null
}

export interface LayerRow extends Counts {
  readonly value: string
  readonly sli: number | null
  readonly burnRate: number | null
  /** Share of all bad events in the range; rows sum to 1 (or all 0 when nothing is bad). */
  readonly shareOfBad: number
}

/** Who eats the budget: the events of a window, told apart by every layer. All of it counts events, whatever the budgeting method. */
export interface Attribution extends Counts, TimeRange {
  /** As asked for, or the SLO's own. */
  readonly window: string
  readonly burnRate: number | null
  /** What a page about this window would name first; null where nothing is bad, or no layer tells anything. */
  readonly where: { readonly layer: LayerName; readonly value: string } | null
  /** Those that the SLO keeps, the one that tells most first. */
  readonly layers: readonly ({ readonly layer: LayerName } & AttributionParts<AttributedPart>)[]
  /** By the version of the service that sent the event, from the raw events of the last day of the window; null of signals without. */
  readonly versions: (TimeRange & AttributionParts<AttributedPart & { readonly service: string }>) | null
}

/** Integers: `values`, and `others` where there are more, sum to the whole. */
export interface AttributionParts<P> {
  readonly values: readonly P[]
  readonly others: (Counts & { readonly values: number; readonly bad: bigint }) | null
}

export interface AttributedPart extends Omit<EventPart, 'isTelling'> {
  /** What the window's burn rate would be if only these bad events were bad: the parts' sum to it. Null without events. */
  readonly burnRate: number | null
}

export interface LayerSeries {
  readonly value: string
  readonly points: readonly (Counts & { readonly atMs: number; readonly sli: number | null })[]
}

export interface EpisodeFilter {
  readonly slo?: string
  readonly severity?: AlertSeverity
  readonly state?: AlertState
  readonly range?: TimeRange
  readonly limit: number
}

export interface Deployment {
  readonly service: string
  readonly version: string
  readonly firstSeenMs: number
}

export interface NotificationRecord {
  readonly id: string
  readonly slo: string
  readonly severity: AlertSeverity
  readonly target: string
  readonly action: 'trigger' | 'resolve'
  readonly dedupKey: string
  readonly state: 'pending' | 'sent' | 'rejected' | 'superseded'
  readonly attempts: number
  readonly createdAtMs: number
  readonly sentAtMs: number | null
  readonly lastError: string
  /** The exact JSON body, the routing key masked. */
  readonly body: string
}
