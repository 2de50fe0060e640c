import type { PartitionLease, WaitingPartition } from '../../ingest/bus/bus.ts'
import { NinefoldError } from '../../lib/errors.ts'

/** Why a part of a role is not ready, in words for anybody (health.ts); null when it is. */

/** One failure is tried again within a second; this long says that it will not pass soon. */
const shortestWaitMs = 10_000

/** Which partitions do not get on, and why: one sentence a reason. */
export function waitingOrNull(waiting: readonly WaitingPartition[], nowMs: number): string | null {
  const long = waiting.filter(({ sinceMs }) => nowMs - sinceMs >= shortestWaitMs)
  if (long.length === 0) return null
  const byReason = Map.groupBy(long, ({ reason }) => reason)
  return [...byReason]
    .map(([reason, group]) => {
      const names = group.map(({ topic, partition }) => `${topic}/${partition}`).sort()
      const seconds = Math.round((nowMs - Math.min(...group.map(({ sinceMs }) => sinceMs))) / 1000)
      return `${names.join(', ')} for ${seconds} s: ${reason}: ${new NinefoldError(reason, '').remedy}`
    })
    .join(' ')
}

/** Records that a sink may be behind and still be called ready: what it takes in within seconds. */
const mostLagRecords = 10_000

/** A sink beyond as many as there are partitions has none, and is as ready as it can be. */
export function behindOrNull(leases: readonly Pick<PartitionLease, 'committed' | 'endOffset'>[]): string | null {
  const lag = leases.reduce((sum, lease) => sum + Number(lease.endOffset() - lease.committed().next), 0)
  return lag > mostLagRecords ? `${lag} payloads behind, up to ${mostLagRecords} are called ready` : null
}

/** Ticks are a second apart when there is little to do, and some seconds when there is much. */
const longestBetweenTicksMs = 60_000

export function lateOrNull(lastTickAtMs: number | undefined, nowMs: number): string | null {
  if (lastTickAtMs === undefined) return 'nothing has been evaluated yet'
  const agoMs = nowMs - lastTickAtMs
  return agoMs > longestBetweenTicksMs ? `the last evaluation was ${Math.round(agoMs / 1000)} s ago` : null
}
