import type { Clock } from '../../lib/clock.ts'
import type { Reader } from '../../store/client/store.ts'
import { highestVersion } from '../../store/queries/rollup-progress.ts'

/**
 * Versions of replaced rows: microseconds of the clock, yet always above all before, also when the clock is set back or a
 * restart follows within the same instant.
 */
export function createVersions(clock: Pick<Clock, 'now'>, highestBefore: bigint): () => bigint {
  let last = highestBefore
  return () => {
    const now = BigInt(Math.trunc(clock.now())) * 1000n
    last = now > last ? now : last + 1n
    return last
  }
}

export interface TickVersions {
  /** At the beginning of each tick: what is written from now on is newer than anything written before. */
  begin(): Promise<void>
  readonly next: () => bigint
}

/** The store's clock is asked again this often; in between this process's monotonic clock tells how long ago that was. */
const askAgainMs = 60_000

/**
 * Versions by the clock of the store, so that those of several processes can be compared, as it was when the tick began. A process that
 * stands still in a tick while another one takes its SLOs over writes, whenever it goes on, rows that are older than all of the other's.
 */
export function createTickVersions(reader: Reader): TickVersions {
  let asked: { readonly storeMs: number; readonly monotonicMs: number } | undefined
  let tickMs = 0
  let versions: (() => bigint) | undefined
  return {
    begin: async () => {
      if (asked === undefined || performance.now() - asked.monotonicMs > askAgainMs) {
        const [row] = await reader.query(highestVersion, {})
        if (row === undefined) throw new RangeError('the store tells no time')
        asked = { storeMs: row.nowMs, monotonicMs: performance.now() }
        versions ??= createVersions({ now: () => tickMs }, row.version)
      }
      tickMs = asked.storeMs + performance.now() - asked.monotonicMs
    },
    next: () => {
      if (versions === undefined) throw new RangeError('no tick has begun')
      return versions()
    },
  }
}
