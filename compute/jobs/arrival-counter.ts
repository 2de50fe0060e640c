import type { Clock } from '../../lib/clock.ts'
import { asNinefoldError } from '../../lib/errors.ts'
import type { Logger } from '../../lib/logger.ts'
import type { Writer } from '../../store/client/store.ts'
import { arrivalEntries, countArrivals, telemetrySignals } from '../../store/queries/count-arrivals.ts'

export interface ArrivalCounterOptions {
  readonly writer: Writer
  readonly clock: Clock
  readonly logger: Logger
  /** Whether this process is the one that counts: of several only one may, or rows would be counted by each. */
  readonly isMine: () => boolean
  /** Raw events are kept for so long. */
  readonly rawRetentionSeconds: number
  readonly onArrivals: () => void
}

export interface ArrivalCounter {
  start(): void
  stop(): Promise<void>
  /** Counts now what is newer than `seconds`. */
  count(seconds: number): Promise<void>
}

/** How far each look reaches back, and how often it is taken: late rows are found the later, the later they are. */
const looks = [
  { seconds: 900, everyMs: 5000 },
  { seconds: 86_400, everyMs: 600_000 },
] as const

/**
 * For tables that others fill: what arrived is found by counting the rows of recent minutes, where our own inserts write it down. The
 * first look, and one a day, takes in everything that is kept.
 */
export function createArrivalCounter(options: ArrivalCounterOptions): ArrivalCounter {
  const { writer, clock, logger, isMine, onArrivals } = options
  const all = [...looks, { seconds: options.rawRetentionSeconds, everyMs: 86_400_000 }]
  const lookedAtMs = new Map<number, number>()
  const stopping = new AbortController()
  let loop: Promise<void> | undefined
  let entries = -1

  const count = async (seconds: number) => {
    const fromMs = Math.max(0, clock.now() - seconds * 1000)
    for (const signal of telemetrySignals) await writer.execute(countArrivals(signal), { fromMs })
    const [now] = await writer.query(arrivalEntries, {})
    if (now !== undefined && now.entries !== entries) onArrivals()
    entries = now?.entries ?? entries
  }

  /** The furthest look that is due takes in the nearer ones. */
  const look = async () => {
    const nowMs = performance.now()
    const due = all.findLast(({ seconds, everyMs }) => nowMs - (lookedAtMs.get(seconds) ?? -Infinity) >= everyMs)
    if (due === undefined || !isMine()) return
    await count(due.seconds)
    for (const { seconds } of all.slice(0, all.indexOf(due) + 1)) lookedAtMs.set(seconds, nowMs)
  }

  const runLoop = async () => {
    while (!stopping.signal.aborted) {
      await look().catch((error: unknown) =>
        logger.error({ err: error, code: asNinefoldError(error).code }, 'arrivals could not be counted; tried again'),
      )
      await clock.sleep(1000, stopping.signal)
    }
  }

  return {
    count,
    start: () => {
      loop ??= runLoop()
    },
    stop: async () => {
      stopping.abort()
      await loop
    },
  }
}
