import type { Slo } from '../../slo-specs/schema/model.ts'
import { statusFrom } from './slo-status.ts'
import type { Counts, SloStatus } from './status.ts'
import { neededWindows, periodsAt, type WindowRange, windowPlan } from './windows.ts'

/** What was read for the windows of many SLOs at once. */
export interface CountedWindows {
  counts(slo: string, revision: string, windowSeconds: number): Counts
  coverage(signal: string, windowSeconds: number): number
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
  return slos.map(slo => {
    const sums = neededWindows(slo, periodOf).map(windowSeconds => ({
      windowSeconds,
      ...counted.counts(slo.name, slo.revision, windowSeconds),
      // Of a calendar window that began this minute nothing is missing yet.
      coverage: windowSeconds === 0 ? 1 : counted.coverage(slo.indicator.signal, windowSeconds),
    }))
    return statusFrom(slo, sums, nowMs, periodOf)
  })
}
