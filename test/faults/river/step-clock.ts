const trueNow = Date.now

/** This process's wall clock is off by so much from now on; durations that are measured by the monotonic clock are not. */
export function stepClock(offsetMs: number): void {
  Date.now = () => trueNow() + offsetMs
}
