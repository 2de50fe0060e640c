import type { LayerName } from '../../slo-specs/schema/layers.ts'
import type { TimeRange } from './reports.ts'

/** What a panel of a board shows: a report that everything else is made from too, so that a board cannot say anything else. */
export type PanelReport =
  /** Every SLO with its SLI and budget now, worst first. */
  | { readonly kind: 'slo-table' }
  /** The budget left of every SLO over time. */
  | { readonly kind: 'budgets' }
  /** Alert episodes that fired in the range, newest first. */
  | { readonly kind: 'alerts' }
  /** Of one SLO: its SLI now, its budget left now; good and bad events and the budget left over time. */
  | { readonly kind: 'sli' | 'budget' | 'events' | 'budget-over-time' }
  /** Of one SLO: the highest burn rate of each step over the `windowSeconds` before. */
  | { readonly kind: 'burn-rate'; readonly windowSeconds: number }
  /** Of one SLO: by the values of one layer. */
  | { readonly kind: 'layer-series' | 'layer-table' }
  /** Every ratio over the last hour, day and 30 days; all of them over time; one by the values of one layer. */
  | { readonly kind: 'ratio-table' | 'ratio-lines' | 'ratio-layers' }
  /** Of the pipeline. */
  | { readonly kind: 'arrivals' | 'batches' | 'dead-letters' | 'notifications' }

export interface PanelRequest {
  readonly range: TimeRange
  /** Of panels about one SLO. */
  readonly slo?: string
  /** Of panels about one ratio. */
  readonly ratio?: string
  readonly layer: LayerName
  /** Whose SLOs; empty for all. */
  readonly services: readonly string[]
}

/** `time` is milliseconds since the epoch, `count` an integer. */
export interface PanelColumn {
  readonly name: string
  readonly type: 'time' | 'text' | 'number' | 'count'
}

export type PanelCell = string | number | bigint | null

/** Rows under the columns that the panel's query has in Grafana; a series is a column `time`, perhaps a `label`, and values. */
export interface PanelData {
  readonly columns: readonly PanelColumn[]
  readonly rows: readonly (readonly PanelCell[])[]
  /** Of what is shown over time; null otherwise. */
  readonly stepSeconds: number | null
  /** SLOs, rows or lines beyond the bounds, which are left out; the least urgent ones. */
  readonly omitted: number
}
