import type { Slo } from '../../slo-specs/schema/model.ts'
import { burnRate, targetOf } from './budget.ts'
import { countsOf, type WeighedCounts } from './composite.ts'
import { sliceBudget } from './slice-budget.ts'
import { judgedSeconds } from './slo-status.ts'

export type CountedBySlo = (slo: string, revision: string) => WeighedCounts

/** A period, and what was counted in it of the SLO, or of the members of a composite. */
export interface CountedWhole {
  readonly fromMs: number
  readonly wholeSeconds: number
  readonly whole: CountedBySlo
}

/**
 * Share of a period's budget that some of what was counted in it spent: of events bad ÷ ((1 − T)·valid of the period so far), of time slices
 * bad ÷ ((1 − T)·slices of the whole period), of a composite by the weights of its members. It is what would be spent if all else had been good,
 * so that shares of different stretches of the period add up. Null when nothing was counted in the period.
 * @param some what was counted in a part of it.
 */
export function budgetShare(slo: Slo, { whole, ...period }: CountedWhole, some: CountedBySlo): number | null {
  const counted = countsOf(slo, (name, revision) => {
    const [{ valid }, part] = [fractionOf(whole(name, revision)), fractionOf(some(name, revision))]
    return { good: valid - (part.valid - part.good), valid }
  })
  const counts = fractionOf(counted)
  if (counts.valid === 0n) return null
  const target = targetOf(slo.objectiveText)
  if (slo.timeSlices === undefined) return burnRate(target, counts)
  const seconds = judgedSeconds(slo, slo.timeSlices, period)
  const { consumed, allowed } = sliceBudget(target, counts, seconds, slo.timeSlices)
  return allowed === 0 ? null : Number(consumed) / allowed
}

const fractionOf = (counts: WeighedCounts) => counts.exact ?? counts
