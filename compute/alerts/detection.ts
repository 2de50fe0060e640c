import type { Target } from '../budget/budget.ts'
import { divide } from '../budget/divide.ts'

/**
 * Seconds from the start of an outage with a constant error rate until the long window's burn rate reaches the factor:
 * factor·(1 − T)/e × long window (semantics: alerts; after the SRE workbook, chapter 5). Null when that rate never reaches it.
 */
export function detectionSeconds(
  target: Target,
  condition: { readonly factor: number; readonly longWindowSeconds: number },
  errorRate: number,
): number | null {
  const share = condition.factor * divide(target.whole - target.good, target.whole)
  if (errorRate <= 0 || share > errorRate) return null
  return (share / errorRate) * condition.longWindowSeconds
}
