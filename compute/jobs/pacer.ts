/** Between two ticks at least this long. */
const shortestPauseMs = 1000
/** Of the machine's processors, unless told otherwise. */
export const defaultCpuShare = 0.1

/** What a tick took: wall time, and processor time of the whole process meanwhile. */
export interface TickCost {
  readonly wallMs: number
  readonly cpuMs: number
}

/**
 * How long to pause after a tick, in milliseconds, so that evaluation takes at most `share` of the machine's processors. The engine
 * works on a tick with about one thread, so wall time is an upper bound of its cost; on a crowded machine the process's own processor time
 * is a closer one, and the smaller of both is taken: a wait for others is no work.
 */
export function pauseMs({ wallMs, cpuMs }: TickCost, processors: number, share: number): number {
  const cost = Math.min(wallMs, cpuMs)
  return Math.max(shortestPauseMs, cost / (share * processors) - wallMs)
}
