import type { Clock } from '../../lib/clock.ts'

/**
 * Versions of replaced rows: microseconds of the clock, yet always above all before, also when the clock is set back or a
 * restart follows within the same instant.
 */
export function createVersions(clock: Clock, highestBefore: bigint): () => bigint {
  let last = highestBefore
  return () => {
    const now = BigInt(Math.trunc(clock.now())) * 1000n
    last = now > last ? now : last + 1n
    return last
  }
}
