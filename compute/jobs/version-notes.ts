import type { Clock } from '../../lib/clock.ts'
import type { BoundStatement, MinuteSelection } from '../../store/queries/minute-selection.ts'
import { noteServiceVersions } from '../../store/queries/service-versions.ts'

/** Spans of the running minute that begin so long before the last look may still have arrived since. */
const lateMs = 10_000

/**
 * Notes the service versions of computed minutes. The running minute is computed again and again, and reading the resources of all its
 * spans took a third of that: once it has been looked at, only what began since is read, and all of it once more when nothing arrives
 * any longer or the minute is over.
 */
export function createVersionNotes(clock: Clock, run: (statement: BoundStatement) => Promise<void>) {
  let last = { minuteMs: -1, atMs: 0 }
  return {
    /** @param settled whether all that had arrived for the selection could be read when it was found dirty. */
    note: async (selection: MinuteSelection, settled: boolean): Promise<void> => {
      const nowMs = clock.now()
      const minuteMs = nowMs - (nowMs % 60_000)
      const isRunning = selection.fromMs === minuteMs && selection.toMs === minuteMs + 60_000
      const seenBefore = isRunning && !settled && last.minuteMs === minuteMs
      const fromMs = seenBefore ? Math.max(selection.fromMs, last.atMs - lateMs) : selection.fromMs
      await run(noteServiceVersions({ ...selection, fromMs }))
      if (isRunning) last = { minuteMs, atMs: nowMs }
    },
  }
}
