import type { TimeSlices } from '../../slo-specs/schema/model.ts'
import type { Target } from './budget.ts'
import { divide } from './divide.ts'
import { sliceShareOf } from './slice-share.ts'
import type { Counts } from './status.ts'

/**
 * The budget of time slices (semantics: error budget): allowed = (1 − T)·(slices in the whole window, elapsed or not), consumed = bad
 * slices; where slices are good in parts, the sum of what each has of bad events. One division at the end of each.
 * @param counts good and judged slices, in parts (`SliceShare`).
 */
export function sliceBudget(
  { good: targetGood, whole }: Target,
  { good, valid }: Counts,
  windowSeconds: number,
  slices: Pick<TimeSlices, 'seconds' | 'targetText'>,
): {
  readonly allowed: number
  readonly consumed: bigint | number
  readonly remaining: number
  readonly ratio: number
} {
  const { parts } = sliceShareOf(slices)
  const bad = valid - good
  const allowed = (whole - targetGood) * BigInt(windowSeconds) * parts
  // A window that corrections leave nothing of has no budget to spend, and nothing that spends it.
  if (allowed <= 0n) return { allowed: 0, consumed: 0n, remaining: 0, ratio: 1 }
  const scale = whole * BigInt(slices.seconds)
  const remaining = allowed - bad * scale
  return {
    allowed: divide(allowed, scale * parts),
    consumed: parts === 1n ? bad : divide(bad, parts),
    remaining: divide(remaining, scale * parts),
    ratio: divide(remaining, allowed),
  }
}
