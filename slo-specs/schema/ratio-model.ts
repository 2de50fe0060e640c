import type { FieldReference, Filter, SourcePosition } from './filter-model.ts'
import type { LayerName } from './layers.ts'

/** What is worked out of the events of a side. */
export type Aggregate =
  | { readonly function: 'count' }
  | { readonly function: 'sum' | 'uniq' | 'avg' | 'min' | 'max'; readonly field: FieldReference }
  /** `level` is above 0 and below 1. */
  | { readonly function: 'quantile'; readonly field: FieldReference; readonly level: number }

export const ratioSignals = ['traces', 'logs', 'metrics', 'synthetics', 'events'] as const
export type RatioSignal = (typeof ratioSignals)[number]

export interface RatioSide {
  readonly signal: RatioSignal
  readonly filter: Filter
  readonly aggregate: Aggregate
  /** As written: `sum(order.total)`. */
  readonly aggregateText: string
}

/** One number over another, over the same window and layer (semantics: ratios). */
export interface Ratio {
  readonly name: string
  readonly displayName: string
  readonly description: string
  /** Of the quotient; empty when it is a plain number. */
  readonly unit: string
  readonly numerator: RatioSide
  readonly denominator: RatioSide
  /** Layers that are kept apart; all by default. */
  readonly layers: readonly LayerName[]
  readonly includeSynthetic: boolean
  /** Content hash of what decides the numbers; rows in the roll-ups carry it. */
  readonly revision: string
  readonly position: SourcePosition
}
