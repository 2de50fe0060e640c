import type { BudgetPolicy, Slo } from '../../slo-specs/schema/model.ts'
import type { SloStatus } from './status.ts'

export type PolicyAction = BudgetPolicy['steps'][number]['action']

/** What the budget policies of an SLO say now. */
export interface PolicyState {
  /** The strictest step that is reached; `unknown` without any valid event, of which no policy can speak. */
  readonly action: PolicyAction | 'none' | 'unknown'
  /** The steps that are reached, strictest first. */
  readonly reached: readonly (BudgetPolicy['steps'][number] & { readonly policy: string })[]
}

/** Where nobody says anything else: a budget that is spent stops changes. */
export const defaultPolicy: BudgetPolicy = {
  name: 'default',
  steps: [{ remaining: 0, action: 'freeze', message: 'The error budget is spent.' }],
}

const strictest: readonly PolicyAction[] = ['freeze', 'review', 'notify']

/** A step is reached from its share of the budget left on downwards; compared unrounded (semantics: presentation). */
export function policyState(
  { budgetPolicies = [defaultPolicy] }: Pick<Slo, 'budgetPolicies'>,
  { valid, errorBudget }: Pick<SloStatus, 'valid' | 'errorBudget'>,
): PolicyState {
  if (valid === 0n) return { action: 'unknown', reached: [] }
  const reached = budgetPolicies
    .flatMap(({ name, steps }) => steps.map(step => ({ policy: name, ...step })))
    .filter(({ remaining }) => errorBudget.remainingRatio <= remaining)
    .sort((a, b) => strictest.indexOf(a.action) - strictest.indexOf(b.action) || a.remaining - b.remaining)
  return { action: reached[0]?.action ?? 'none', reached }
}
