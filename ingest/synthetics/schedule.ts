import { createHash } from 'node:crypto'

/** When runs of a transaction are due: `offsetMs` after each whole multiple of `everyMs` since the epoch. */
export interface Schedule {
  readonly everyMs: number
  readonly offsetMs: number
}

/** Transactions of one interval are spread over it by their names, each in the same place after every start. */
export function scheduleOf(name: string, everySeconds: number): Schedule {
  const everyMs = everySeconds * 1000
  return { everyMs, offsetMs: createHash('sha256').update(name).digest().readUIntBE(0, 6) % everyMs }
}

/** The first moment after `afterMs` at which a run is due. */
export function nextDueMs({ everyMs, offsetMs }: Schedule, afterMs: number): number {
  return (Math.floor((afterMs - offsetMs) / everyMs) + 1) * everyMs + offsetMs
}

/** How many runs were due in `(afterMs, untilMs)`. */
export function dueBetween({ everyMs, offsetMs }: Schedule, afterMs: number, untilMs: number): number {
  const before = (ms: number) => Math.ceil((ms - offsetMs) / everyMs)
  return Math.max(0, before(untilMs) - before(afterMs + 1))
}

/** A run that would begin later than this is left to the next one. */
export const isTooLate = ({ everyMs }: Schedule, dueMs: number, nowMs: number): boolean => nowMs - dueMs > everyMs / 2
