import type { Slo } from '../../slo-specs/schema/model.ts'
import { countsOf, signalsOf, type WeighedCounts } from './composite.ts'
import { statusFrom, type WindowSum } from './slo-status.ts'
import type { KnownPart, SloStatus } from './status.ts'
import { neededWindows, type PeriodOf, periodsAt, type WindowRange, windowPlan } from './windows.ts'

/** What was read for the windows of many SLOs at once. */
export interface CountedWindows {
  counts(slo: string, revision: string, windowSeconds: number): WeighedCounts
  coverage(signal: string, windowSeconds: number): number
  /** How much of its own window is known of an SLO; all that its signals cover where nobody looked. */
  readonly known?: (slo: Slo) => KnownPart
}

/** Every window that any of the SLOs needs, once, with the roll-up rows it is summed from. */
export function windowsFor(
  slos: readonly Slo[],
  nowMs: number,
): { readonly windowSeconds: number; readonly pieces: readonly WindowRange[] }[] {
  const periodOf = periodsAt(nowMs)
  const lengths = [...new Set(slos.flatMap(slo => neededWindows(slo, periodOf)))].sort((a, b) => a - b)
  return lengths.map(windowSeconds => ({ windowSeconds, pieces: windowPlan(nowMs, windowSeconds) }))
}

/** The statuses of the SLOs, in their order, from what was counted at `nowMs`. */
export function statusesFrom(slos: readonly Slo[], counted: CountedWindows, nowMs: number): SloStatus[] {
  const periodOf = periodsAt(nowMs)
  return slos.map(slo => statusFrom(slo, windowSums(slo, counted, periodOf), nowMs, periodOf))
}

/** What was counted in every window that an SLO needs; a composite is covered as well as the least covered of its members. */
export function windowSums(slo: Slo, counted: CountedWindows, periodOf: PeriodOf): WindowSum[] {
  const signals = signalsOf(slo)
  const ownSeconds = periodOf(slo.window).lookBackSeconds
  return neededWindows(slo, periodOf).map(windowSeconds => ({
    windowSeconds,
    ...countsOf(slo, (name, revision) => counted.counts(name, revision, windowSeconds)),
    // Of a calendar window that began this minute nothing is missing yet.
    coverage: windowSeconds === 0 ? 1 : Math.min(...signals.map(signal => counted.coverage(signal, windowSeconds))),
    ...(windowSeconds === ownSeconds ? counted.known?.(slo) : {}),
  }))
}
