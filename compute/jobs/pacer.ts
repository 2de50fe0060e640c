/** Between two ticks at least this long, and at most a fifth of the time goes into ticks. */
const shortestPauseMs = 1000
const shareOfOneCpu = 0.2

/**
 * How long to pause after a tick of this duration, in milliseconds. What a tick costs is taken to be how long it took: the engine
 * works on it with about one thread, and where others hold it up, waiting longer is right as well.
 */
export function pauseMs(durationMs: number): number {
  return Math.max(shortestPauseMs, durationMs / shareOfOneCpu - durationMs)
}
