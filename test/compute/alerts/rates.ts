import { burnRateOf } from '../../../compute/budget/slo-status.ts'
import type { BurnRate } from '../../../compute/budget/status.ts'

/** Burn rates of windows from bad and valid events: `{3600: [15, 1000]}`. */
export function ratesOf(
  windows: Readonly<Record<number, readonly [bad: number, valid: number]>>,
  options: { objectiveText?: string; coverage?: number } = {},
): BurnRate[] {
  return Object.entries(windows).map(([seconds, [bad, valid]]) =>
    burnRateOf(
      { objectiveText: options.objectiveText ?? '0.999' },
      {
        windowSeconds: Number(seconds),
        good: BigInt(valid - bad),
        valid: BigInt(valid),
        coverage: options.coverage ?? 1,
      },
    ),
  )
}
