import type { Filter, Signal, SourcePosition } from './filter-model.ts'
import type { LayerName } from './layers.ts'
import type { Ratio } from './ratio-model.ts'
import type { TimeSpan } from './time-spans.ts'
import type { SyntheticTransaction } from './transaction-model.ts'

export type { FieldReference, Filter, FilterExpression, FilterValue, Signal, SourcePosition } from './filter-model.ts'
export type { Aggregate, Ratio, RatioSide } from './ratio-model.ts'

/** What the rest of Ninefold knows of the specs: references resolved, durations in seconds, filters parsed. */

/** good ⊆ valid ⊆ all events of the signal. Exactly one of good, bad and shareOf is given. */
export interface RatioIndicator {
  readonly kind: 'ratio'
  readonly name: string
  readonly signal: Signal
  readonly total: Filter
  readonly good?: Filter
  readonly bad?: Filter
  /** Of metrics: good (or bad) is counted by another metric than total, so that its filter stands for itself. */
  readonly isApart?: boolean
  /** Of metrics: the values of total's points are ready-made shares of good (or bad) events. */
  readonly shareOf?: 'good' | 'bad'
}

/** Where queries are answered. */
export type QuerySource =
  | {
      readonly type: 'prometheus'
      /** Of the DataSource. */
      readonly name: string
      readonly url: string
      readonly username?: string
      /** Names of files in the folder of secrets, never the secrets themselves. */
      readonly passwordSecret?: string
      readonly bearerTokenSecret?: string
    }
  /** The store itself. */
  | { readonly type: 'clickhouse' }

/** What the answers to an indicator's queries mean, minute by minute. */
export type QueryMeaning =
  /** Two queries count events; `isCounter`: as counters that only go up. */
  | {
      readonly kind: 'counts'
      readonly total: string
      readonly part: string
      readonly partIs: 'good' | 'bad'
      readonly isCounter: boolean
    }
  /** One query gives the share of good (or bad) events, or good and valid at once. */
  | { readonly kind: 'raw'; readonly query: string; readonly shareOf: 'good' | 'bad' }
  /** One query gives values, each of which is judged. */
  | {
      readonly kind: 'threshold'
      readonly query: string
      readonly comparison: '<' | '<=' | '>' | '>='
      readonly value: number
    }

/** Counts that another database works out, asked for minute by minute. */
export interface QueriedIndicator {
  readonly kind: 'queried'
  readonly name: string
  /** A name of its own, `prometheus/…`: what was received is told apart from all else. */
  readonly signal: string
  readonly source: QuerySource
  readonly meaning: QueryMeaning
  /** Which label of an answer's series says the layer. */
  readonly layerLabels: Readonly<Partial<Record<LayerName, string>>>
}

/** The weighted mean of other SLOs, each of which is evaluated by itself as well. */
export interface CompositeIndicator {
  readonly kind: 'composite'
  readonly name: string
  /** Nothing is received under it: data are its members'. */
  readonly signal: 'composite'
  /** Weights as written, from 0 up. */
  readonly members: readonly { readonly slo: Slo; readonly weight: string }[]
}

export type Indicator = RatioIndicator | QueriedIndicator | CompositeIndicator

/** A whole number of minutes. */
export interface TimeWindow {
  readonly kind: 'rolling' | 'calendar'
  /** Of a calendar window the nominal length (a month is 30 days), which ladders and forecasts go by. */
  readonly seconds: number
  /** As written, e.g. `30d`. */
  readonly text: string
  /** Where the periods of a calendar window begin; absent for a rolling one. */
  readonly calendar?: CalendarAlignment
}

/** Periods of `count` `unit`s, one of which begins at `startTime` on the clocks of the time zone. */
export interface CalendarAlignment {
  readonly count: number
  readonly unit: 'm' | 'h' | 'd' | 'w' | 'M' | 'Q' | 'Y'
  /** `YYYY-MM-DD hh:mm:ss`. */
  readonly startTime: string
  /** IANA name. */
  readonly timeZone: string
}

/** How a window is cut for the budgeting methods Timeslices and RatioTimeslices (semantics: SLI). */
export interface TimeSlices {
  readonly seconds: number
  /**
   * Of Timeslices: a slice is good when its own SLI is at least this; the digits as written. Absent of RatioTimeslices, where a slice
   * is good as far as its own SLI goes.
   */
  readonly targetText?: string
  /** What a slice without valid events is (`ninefold.dev/no-data`). */
  readonly noData: 'ignore' | 'good' | 'bad'
}

/** One condition of a severity: burn over both windows at or above the factor. */
export interface BurnCondition {
  readonly name: string
  readonly op: 'gt' | 'gte' | 'lt' | 'lte'
  /** Burn-rate factor. */
  readonly threshold: number
  readonly longWindowSeconds: number
  /** Absent when written as a plain OpenSLO AlertCondition with one look-back window. */
  readonly shortWindowSeconds?: number
  /** Share of the budget whose spending in the long window gives the threshold; absent for plain conditions. */
  readonly budgetShare?: number
  /** Share of the long window that must be covered by data before this may fire (tickets); 0 when pages do not wait. */
  readonly minCoverage: number
}

/** One severity of one SLO is one alert; its conditions are ORed. */
export interface AlertRule {
  readonly severity: 'page' | 'ticket'
  readonly conditions: readonly BurnCondition[]
  readonly alertAfterSeconds: number
  readonly keepFiringForSeconds: number
  readonly targets: readonly string[]
  /** False when nobody wants to be told of the end (`alertWhenResolved: false`); true when absent. */
  readonly tellsResolved?: boolean
  /** What must have been seen before a condition may hold on little traffic; absent: the burn rate alone decides. */
  readonly evidence?: EvidenceRule
}

/** Low traffic: when is a burn rate more than bad luck (semantics: alerts). */
export interface EvidenceRule {
  /** A condition holds only when, at a true burn rate of 1, so many bad events had at most this probability. */
  readonly maxChance: number
  /** And only with at least this many bad events in the long window: one failure is no rate. */
  readonly minBad: number
}

export interface NotificationTarget {
  readonly name: string
  /** `target` of OpenSLO's AlertNotificationTarget: pagerduty so far. */
  readonly kind: string
  readonly displayName: string
}

export const budgetingMethods = ['Occurrences', 'Timeslices', 'RatioTimeslices'] as const

export type BudgetingMethod = (typeof budgetingMethods)[number]

/** When a correction applies: once, or again and again. */
export interface CorrectionTimes {
  /** As a person reads it and as revisions tell it apart: the same for the same times. */
  readonly text: string
  /** The spans that overlap the range, whole, merged, in their order. */
  within(range: TimeSpan): readonly TimeSpan[]
}

/** Events that are left out of good and valid alike (semantics: corrections). */
export interface Correction {
  readonly name: string
  readonly description: string
  readonly reason: string
  readonly approver: string
  readonly times: CorrectionTimes
  /** Only events that match are left out; absent: all, and of what is counted by the minute whole minutes. */
  readonly predicate?: Filter
}

/** What happens when so much of a budget is left. */
export interface BudgetPolicy {
  readonly name: string
  readonly steps: readonly {
    /** From this share of the budget left on downwards. */
    readonly remaining: number
    readonly action: 'notify' | 'review' | 'freeze'
    readonly message: string
  }[]
}

export interface Slo {
  readonly name: string
  readonly displayName: string
  readonly description: string
  readonly service: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly budgetingMethod: BudgetingMethod
  /** Of Timeslices and RatioTimeslices only. */
  readonly timeSlices?: TimeSlices
  /** The target as a fraction, 0 ≤ T < 1. */
  readonly objective: number
  /** The target as written (`0.999`), so that nothing is lost to binary fractions. */
  readonly objectiveText: string
  readonly window: TimeWindow
  readonly indicator: Indicator
  readonly alerts: readonly AlertRule[]
  /** Who is told of silence; absent: whoever is told of any of its alerts. */
  readonly noDataTargets?: readonly string[]
  /** Layers kept for this SLO; all by default (`ninefold.dev/layers`). */
  readonly layers: readonly LayerName[]
  /** Silence after which the no-data alert opens; 0 when nobody wants to hear of it. */
  readonly noDataAfterSeconds: number
  /** Floor of valid events in the long window before a condition may hold (`ninefold.dev/min-valid`). */
  readonly minValid: number
  readonly runbook: string
  /** By name; absent without any, so that the default one holds. */
  readonly budgetPolicies?: readonly BudgetPolicy[]
  /** By name; absent without any. */
  readonly corrections?: readonly Correction[]
  /** Content hash of what decides the counts (indicator, layers, corrections); rows in the roll-ups carry it. */
  readonly revision: string
  readonly position: SourcePosition
}

export interface Service {
  readonly name: string
  readonly displayName: string
  readonly description: string
  readonly position: SourcePosition
}

/** One consistent set of specs; immutable. */
export interface SpecSet {
  readonly slos: readonly Slo[]
  readonly ratios: readonly Ratio[]
  readonly services: readonly Service[]
  readonly targets: readonly NotificationTarget[]
  /** Names of those that SLOs without alert policies tell; absent where there are none. */
  readonly defaultTargets?: readonly string[]
  /** Written down, but of a kind that nothing is sent through, so that no SLO tells them; absent where there are none. */
  readonly unsendableTargets?: readonly NotificationTarget[]
  /** What the prober runs; absent where there is nothing. */
  readonly transactions?: readonly SyntheticTransaction[]
  /** Content hash of all files. */
  readonly revision: string
}
