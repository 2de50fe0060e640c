import type { BurnCondition } from '../../slo-specs/schema/model.ts'
import type { BurnRate } from './status.ts'

/** Compares unrounded doubles; no data never satisfies anything. */
export function passes(op: BurnCondition['op'], rate: number | null, threshold: number): boolean {
  if (rate === null) return false
  switch (op) {
    case 'gt':
      return rate > threshold
    case 'gte':
      return rate >= threshold
    case 'lt':
      return rate < threshold
    case 'lte':
      return rate <= threshold
  }
}

/** The rates of a condition's windows; undefined when the caller did not sum such a window. */
export function ratesOf(condition: BurnCondition, burnRates: readonly BurnRate[]) {
  const find = (seconds: number | undefined) => burnRates.find(({ windowSeconds }) => windowSeconds === seconds)
  return { long: find(condition.longWindowSeconds), short: find(condition.shortWindowSeconds) }
}

/** Burn over the long window and, where there is one, the short window passes the condition's threshold. */
export function burnsAt(condition: BurnCondition, burnRates: readonly BurnRate[]): boolean {
  const { long, short } = ratesOf(condition, burnRates)
  if (long === undefined || !passes(condition.op, long.rate, condition.threshold)) return false
  if (condition.shortWindowSeconds === undefined) return true
  return short !== undefined && passes(condition.op, short.rate, condition.threshold)
}
