import type { Slo } from '../../slo-specs/schema/model.ts'

const minuteMs = 60_000

/** The resolutions that roll-ups are kept at, coarse to fine. */
const resolutions = [
  { resolution: 'day', lengthMs: 24 * 60 * minuteMs },
  { resolution: 'hour', lengthMs: 60 * minuteMs },
  { resolution: 'minute', lengthMs: minuteMs },
] as const

export type Resolution = (typeof resolutions)[number]['resolution']

/** Rows of one resolution whose beginning lies in `[fromMs, toMs)`; both are multiples of the resolution in UTC. */
export interface WindowRange {
  readonly resolution: Resolution
  readonly fromMs: number
  readonly toMs: number
}

/** Look-back windows of the two forecasts of exhaustion (semantics: over the last hour, and over the last day). */
export const forecastWindowSeconds = { hour: 3_600, day: 86_400 } as const

/** The beginning of the minute (UTC) that a time lies in. */
export function floorToMinuteMs(timeMs: number): number {
  return Math.floor(timeMs / minuteMs) * minuteMs
}

/** A rolling window at `nowMs`: every complete minute in `[floor(now) − w, floor(now))` and the running minute so far. */
export function rollingWindow(nowMs: number, windowSeconds: number): { fromMs: number; toMs: number } {
  return { fromMs: floorToMinuteMs(nowMs) - windowSeconds * 1000, toMs: nowMs }
}

/**
 * Which roll-up rows a rolling window is summed from: contiguous ranges without overlap, oldest first, each at the coarsest
 * resolution that fits, so that 30 days cost about a hundred rows. The last range ends with the running minute, whose row holds
 * what it has so far; at a minute boundary there is none.
 */
export function windowPlan(nowMs: number, windowSeconds: number): WindowRange[] {
  const { fromMs } = rollingWindow(nowMs, windowSeconds)
  const endMs = Math.ceil(nowMs / minuteMs) * minuteMs
  return cover(fromMs, endMs, 0)
}

/** Whole steps of the resolution in the middle, finer ones before and after. */
function cover(fromMs: number, toMs: number, level: number): WindowRange[] {
  const step = resolutions[level]
  if (step === undefined || fromMs >= toMs) return []
  const { resolution, lengthMs } = step
  const firstMs = Math.ceil(fromMs / lengthMs) * lengthMs
  const lastMs = Math.floor(toMs / lengthMs) * lengthMs
  if (firstMs >= lastMs) return cover(fromMs, toMs, level + 1)
  return [
    ...cover(fromMs, firstMs, level + 1),
    { resolution, fromMs: firstMs, toMs: lastMs },
    ...cover(lastMs, toMs, level + 1),
  ]
}

/** Every look-back window that an SLO's status and alerts need, in seconds, ascending: conditions, forecasts, its own window. */
export function neededWindows(slo: Slo): number[] {
  const conditions = slo.alerts.flatMap(({ conditions }) => conditions)
  const lookBacks = conditions.flatMap(({ longWindowSeconds, shortWindowSeconds }) =>
    shortWindowSeconds === undefined ? [longWindowSeconds] : [longWindowSeconds, shortWindowSeconds],
  )
  const all = [...lookBacks, forecastWindowSeconds.hour, forecastWindowSeconds.day, slo.window.seconds]
  return [...new Set(all)].sort((a, b) => a - b)
}
