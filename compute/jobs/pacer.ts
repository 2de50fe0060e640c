/** From the start of a tick that had work to the start of the next, at least; and between two ticks when nobody asks for one earlier. */
const shortestPeriodMs = 1000
/** Of the machine's processors, unless told otherwise. */
export const defaultCpuShare = 0.1

/** What a tick took: wall time, and processor time of the whole process meanwhile. */
export interface TickCost {
  readonly wallMs: number
  readonly cpuMs: number
}

/** Milliseconds from the end of a tick until the next one may begin when rows have arrived, and until it begins in any case. */
export interface TickPause {
  readonly leastMs: number
  readonly longestMs: number
}

/**
 * How long to pause after a tick, so that evaluation takes at most `share` of the machine's processors. The engine works on a tick with
 * about one thread, so wall time is an upper bound of its cost; on a crowded machine the process's own processor time is a closer one,
 * and the smaller of both is taken: a wait for others is no work.
 * @param hadWork a look that found nothing to do does not hold up the next tick.
 */
export function pauseAfter(
  { wallMs, cpuMs }: TickCost,
  hadWork: boolean,
  processors: number,
  share: number,
): TickPause {
  const forShareMs = Math.max(0, Math.min(wallMs, cpuMs) / (share * processors) - wallMs)
  return {
    leastMs: Math.max(forShareMs, hadWork ? shortestPeriodMs - wallMs : 0),
    longestMs: Math.max(forShareMs, shortestPeriodMs),
  }
}
