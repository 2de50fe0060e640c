import type { AlertEpisode } from '../alerts/episode.ts'
import type { Period } from '../budget/period.ts'
import type { ErrorBudget, SloStatus } from '../budget/status.ts'

/** How the promises in force were kept in a calendar period (semantics: availability of a period). */
export interface PeriodReport {
  readonly period: Period
  /** The one before, of the same kind, which it is compared with as a whole. */
  readonly before: Period
  /** Counting ends here: the end of the period, or now while it runs. */
  readonly untilMs: number
  /** Of the set of specs in force, which the past is judged by. */
  readonly revision: string
  /** Ends of the parts of the period that have begun, such as its days: what `PeriodSlo.spent` is told for. */
  readonly partEndsMs: readonly number[]
  /** Worst budget first, those without data last. */
  readonly slos: readonly PeriodSlo[]
  /** Pages that were open in the period: those that cost the most of a budget first. */
  readonly incidents: readonly PeriodIncident[]
  /** Older pages that are not told one by one; at least so many. */
  readonly incidentsOmitted: number
  /** Pages in the period before, told or not. */
  readonly incidentsBefore: number
  readonly evaluatedAtMs: number
}

/** What `Reports.status` would say of an SLO whose window is the calendar period, at the period's end or now. */
export interface PeriodSlo
  extends Pick<
    SloStatus,
    | 'name'
    | 'service'
    | 'objective'
    | 'budgetingMethod'
    | 'good'
    | 'valid'
    | 'sli'
    | 'coverage'
    | 'data'
    | 'inconsistent'
    | 'revision'
  > {
  readonly displayName: string
  readonly objectiveText: string
  readonly errorBudget: Pick<ErrorBudget, 'allowed' | 'consumed' | 'remaining' | 'remainingRatio'>
  /** False where all rows of the period are past their retention: then nothing is said. Where some are, `data` has what is left. */
  readonly isRetained: boolean
  /** Whether not more than the budget was spent; null without data. */
  readonly isKept: boolean | null
  /** Share of the budget of the period (so far) that was spent by the end of each part; unrounded, above 1 when overspent; empty without data, and where the parts cannot be told apart any more. */
  readonly spent: readonly number[]
  /** Nothing where not all of it is known any more. */
  readonly before: Pick<SloStatus, 'good' | 'valid' | 'sli'> & { readonly remainingRatio: number | null }
  /** By the unrounded SLI; null when one of the two is not known. */
  readonly trend: 'better' | 'worse' | 'same' | null
}

export interface PeriodIncident
  extends Pick<AlertEpisode, 'slo' | 'service' | 'dedupKey' | 'resolvedAtMs' | 'suspectVersion' | 'burningLayers'> {
  readonly firedAtMs: number
  /** Until now while it is open. */
  readonly durationSeconds: number
  /**
   * Share of the period's budget that went from the beginning of the window that it fired on (or the end of the SLO's incident before) to its
   * end, within the period; unrounded; null without data, and of an SLO that is no longer in force.
   */
  readonly budgetShare: number | null
  readonly paged: readonly { readonly target: string; readonly state: 'pending' | 'sent' | 'rejected' | 'superseded' }[]
}
