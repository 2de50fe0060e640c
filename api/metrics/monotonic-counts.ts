import type { Counts } from '../../compute/budget/status.ts'

interface Seen extends Counts {
  readonly revision: string
  readonly shown: Counts
}

export interface MonotonicCounts {
  /** What the counters of this SLO show now that compute counts `counts`. */
  show(slo: string, revision: string, counts: Counts): Counts
}

const growth = (now: bigint, before: bigint) => (now > before ? now - before : 0n)

/**
 * A Prometheus counter that goes down means a restart, and all it counts then would look like new events. Recomputed history may
 * shrink (corrections, a changed SLO): only growth within one revision is added.
 */
export function createMonotonicCounts(): MonotonicCounts {
  const seen = new Map<string, Seen>()
  return {
    show: (slo, revision, counts) => {
      const before = seen.get(slo)
      if (before === undefined) {
        seen.set(slo, { revision, ...counts, shown: counts })
        return counts
      }
      const isSame = before.revision === revision
      const shown = {
        good: before.shown.good + (isSame ? growth(counts.good, before.good) : 0n),
        valid: before.shown.valid + (isSame ? growth(counts.valid, before.valid) : 0n),
      }
      seen.set(slo, { revision, ...counts, shown })
      return shown
    },
  }
}
