import type { Slo } from '../../slo-specs/schema/model.ts'

/** Shapes of an SLO's status; units in names, counts are integers (bigint), ratios unrounded doubles (semantics: presentation). */

export interface Counts {
  readonly good: bigint
  readonly valid: bigint
}

export type SloState = 'healthy' | 'burning' | 'exhausted' | 'no-data'

/** How much of a window is known, which its numbers are of (semantics: windows, coverage). */
export interface KnownPart {
  /** Minutes in which the store was receiving the signal, and of which the counts are kept, ÷ minutes of the window. */
  readonly coverage: number
  /** From where to where they lie: later than the window where it began before the first data, or its rows are past their retention. Null: nowhere. */
  readonly data: { readonly fromMs: number; readonly toMs: number } | null
}

export interface ErrorBudget {
  /** (1 − T)·valid, in events; of time slices (1 − T)·(slices in the whole window). */
  readonly allowed: number
  /** valid − good, in events; of time slices the bad ones, of RatioTimeslices the sum of 1 − SLI of each judged slice, unrounded. */
  readonly consumed: bigint | number
  /** allowed − consumed, in events or slices; signed. */
  readonly remaining: number
  /** remaining ÷ allowed, which for events is 1 − (1 − SLI)/(1 − T); signed, never clamped; 1 when valid is 0. */
  readonly remainingRatio: number
  /** When the budget ends at the last hour's burn rate, milliseconds since the epoch; null when it does not. */
  readonly exhaustedAtMs: number | null
  /** The same at the last day's burn rate. */
  readonly exhaustedAtDayRateMs: number | null
}

export interface BurnRate extends Counts {
  /** e.g. `1h`. */
  readonly window: string
  readonly windowSeconds: number
  /** (1 − SLI_w)/(1 − T); null when valid is 0 (of time slices: when none is judged). */
  readonly rate: number | null
  /** Minutes of the window in which the store was receiving the signal ÷ minutes of the window. */
  readonly coverage: number
  /** Of RatioTimeslices, which count events: judged slices, and those of them that are left when what is bad is put together. */
  readonly slices?: Counts
}

/** A member of a composite, over the composite's window. */
export interface MemberStatus extends Counts {
  readonly name: string
  readonly sli: number | null
  /** Share of what is consumed of the composite's budget; the members' sum to 1, or are all 0 when nothing is. */
  readonly shareOfConsumed: number
  /** The same of what burns in the last hour. */
  readonly shareOfBurn: number
}

/**
 * `good` and `valid` are events; of the method Timeslices they are slices: good ones and judged ones. Of RatioTimeslices they are the events
 * of the judged slices, and `sli` is the mean of those slices' SLIs.
 */
export interface SloStatus extends Counts, KnownPart {
  readonly name: string
  readonly service: string
  readonly objective: number
  readonly budgetingMethod: Slo['budgetingMethod']
  /** What was summed: of a calendar window the elapsed part. */
  readonly window: {
    readonly kind: Slo['window']['kind']
    readonly text: string
    readonly fromMs: number
    readonly toMs: number
  }
  readonly bad: bigint
  /** Null when valid is 0 (of time slices: when none is judged). */
  readonly sli: number | null
  readonly errorBudget: ErrorBudget
  readonly burnRates: readonly BurnRate[]
  readonly status: SloState
  /** Of a composite, in the order of the definition; empty otherwise. */
  readonly members: readonly MemberStatus[]
  /** good > valid was delivered: shown as it is, burns 0. */
  readonly inconsistent: boolean
  readonly revision: string
  readonly evaluatedAtMs: number
}
