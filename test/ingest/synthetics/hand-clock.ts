import type { Clock } from '../../../lib/clock.ts'

export interface HandClock extends Clock {
  /** Lets time pass: everybody whose sleep is over by then wakes at their moment, one after another. */
  pass(milliseconds: number): Promise<void>
  /** As after a suspend: the time is another, and nobody has woken in between. */
  jump(milliseconds: number): Promise<void>
}

/** A clock that goes when it is told to. */
export function createHandClock(startMs: number): HandClock {
  let nowMs = startMs
  const sleepers = new Set<{ readonly untilMs: number; readonly wake: () => void }>()
  const settle = () => new Promise(resolve => setTimeout(resolve, 2))
  const wakeUntil = async (untilMs: number) => {
    for (;;) {
      await settle()
      const [next] = [...sleepers].filter(each => each.untilMs <= untilMs).sort((a, b) => a.untilMs - b.untilMs)
      if (next === undefined) return
      nowMs = Math.max(nowMs, next.untilMs)
      sleepers.delete(next)
      next.wake()
    }
  }
  return {
    now: () => nowMs,
    sleep: (milliseconds, signal) =>
      new Promise(resolve => {
        if (signal?.aborted) return resolve()
        const sleeper = { untilMs: nowMs + milliseconds, wake: resolve }
        sleepers.add(sleeper)
        signal?.addEventListener('abort', () => {
          sleepers.delete(sleeper)
          resolve()
        })
      }),
    pass: async milliseconds => {
      const untilMs = nowMs + milliseconds
      await wakeUntil(untilMs)
      nowMs = untilMs
    },
    jump: async milliseconds => {
      nowMs += milliseconds
      await wakeUntil(nowMs)
    },
  }
}
