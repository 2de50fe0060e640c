import type { Clock } from '../../lib/clock.ts'

/** A pause that can be ended from outside, also before it has begun. */
export interface Alarm {
  /** Ends the pause under way, or the next one. */
  ring(): void
  /** Forgets that it rang. */
  reset(): void
  /** Resolves after `milliseconds`, at once when it has rung since it was reset, or when `signal` fires. @returns whether it rang. */
  pause(milliseconds: number, signal: AbortSignal): Promise<boolean>
}

export function createAlarm(clock: Clock): Alarm {
  let rung = new AbortController()
  return {
    ring: () => rung.abort(),
    reset: () => {
      if (rung.signal.aborted) rung = new AbortController()
    },
    pause: async (milliseconds, signal) => {
      if (!rung.signal.aborted) await clock.sleep(milliseconds, AbortSignal.any([signal, rung.signal]))
      return rung.signal.aborted
    },
  }
}
