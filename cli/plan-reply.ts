import type { Finding } from '../lib/findings.ts'

/** What `POST /api/v1/specs:plan` answers, as far as commands read it. */
export interface PlanReply {
  readonly beforeRevision: string
  readonly afterRevision: string
  readonly from: string
  readonly to: string
  readonly slos: readonly PlannedSlo[]
  readonly unchanged: number
  readonly ratios: readonly PlannedRatio[]
}

export interface PlannedRatio extends Pick<PlannedSlo, 'name' | 'kind' | 'fields'> {
  /** Over the last day. */
  readonly before: { readonly value: number | null } | null
  readonly after: { readonly value: number | null } | null
}

export interface PlannedSlo {
  readonly name: string
  readonly kind: 'added' | 'changed' | 'removed'
  readonly fields: readonly { readonly field: string; readonly before: string; readonly after: string }[]
  readonly before: PlannedSide | null
  readonly after: PlannedSide | null
}

export interface PlannedSide {
  readonly objective: number
  readonly objectiveText: string
  readonly today: PlannedStatus
  readonly ends: readonly PlannedStatus[]
  readonly alerts: readonly PlannedAlert[]
}

export interface PlannedStatus {
  readonly at: string
  readonly good: number
  readonly valid: number
  readonly sli: number | null
  readonly remainingRatio: number
  readonly coverage: number
  readonly status: string
}

export interface PlannedAlert {
  readonly severity: string
  readonly firedAt: string
  readonly resolvedAt: string | null
  readonly budgetSpent: number | null
  readonly inhibited: boolean
  readonly conditions: readonly string[]
}

export interface PlanAnswer {
  readonly findings: readonly Finding[]
  readonly plan: PlanReply | null
}
