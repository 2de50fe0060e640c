import type { Target } from './budget.ts'
import { divide } from './divide.ts'
import type { Counts } from './status.ts'

/**
 * The budget of time slices (semantics: error budget): allowed = (1 − T)·(slices in the whole window, elapsed or not), consumed = bad
 * slices. One division at the end of each.
 * @param counts good and judged slices.
 */
export function sliceBudget(
  { good: targetGood, whole }: Target,
  { good, valid }: Counts,
  windowSeconds: number,
  sliceSeconds: number,
): { readonly allowed: number; readonly remaining: number; readonly ratio: number } {
  const allowed = (whole - targetGood) * BigInt(windowSeconds)
  const scale = whole * BigInt(sliceSeconds)
  const remaining = allowed - (valid - good) * scale
  return {
    allowed: divide(allowed, scale),
    remaining: divide(remaining, scale),
    ratio: divide(remaining, allowed),
  }
}
