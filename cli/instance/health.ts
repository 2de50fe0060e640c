import type { PartHealth, ReadinessCheck } from '../../api/routes/health.ts'
import type { Clock } from '../../lib/clock.ts'
import { NinefoldError } from '../../lib/errors.ts'

/** Why the part cannot do its work, as a sentence for anybody; null when it can. A rejection is a reason too. */
export type HealthCheck = () => Promise<string | null> | string | null

/** What a process needs for its work, as its parts put it together while they start. */
export interface Health {
  add(part: string, check: HealthCheck): void
  readonly readiness: ReadinessCheck
}

const longestCheckMs = 2000
/** Whoever asks more often gets the same answer: probes need no token, and must not load the store. */
const keepMs = 500

export function createHealth(clock: Clock): Health {
  const checks: { readonly part: string; readonly check: HealthCheck }[] = []
  let last: { readonly atMs: number; readonly parts: Promise<readonly PartHealth[]> } | undefined

  const look = async ({ part, check }: (typeof checks)[number]): Promise<PartHealth> => {
    const waiting = new AbortController()
    const tooLong = clock
      .sleep(longestCheckMs, waiting.signal)
      .then(() => `no answer within ${longestCheckMs / 1000} s`)
    const reason = await Promise.race([Promise.resolve().then(check).catch(reasonOf), tooLong])
    waiting.abort()
    return { part, ready: reason === null, reason: reason ?? '' }
  }

  return {
    add: (part, check) => void checks.push({ part, check }),
    readiness: () => {
      if (last === undefined || clock.now() - last.atMs > keepMs)
        last = { atMs: clock.now(), parts: Promise.all(checks.map(look)) }
      return last.parts
    },
  }
}

/** The registry's own words: a message may name hosts and users. */
function reasonOf(error: unknown): string {
  return error instanceof NinefoldError ? `${error.code}: ${error.remedy}` : 'INTERNAL'
}
