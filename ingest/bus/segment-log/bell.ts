import type { Clock } from '../../../lib/clock.ts'

/** Wakes everybody who waits. */
export interface Bell {
  ring(): void
  /** Until the next ring, `timeoutMs` or `signal`. */
  wait(timeoutMs: number, clock: Clock, signal?: AbortSignal): Promise<void>
}

export function createBell(): Bell {
  let waiting = new Set<() => void>()
  return {
    ring: () => {
      const woken = waiting
      waiting = new Set()
      for (const wake of woken) wake()
    },
    wait: async (timeoutMs, clock, signal) => {
      if (signal?.aborted === true) return
      const done = new AbortController()
      const wake = () => done.abort()
      waiting.add(wake)
      signal?.addEventListener('abort', wake, { once: true })
      await clock.sleep(timeoutMs, done.signal)
      signal?.removeEventListener('abort', wake)
      waiting.delete(wake)
    },
  }
}
