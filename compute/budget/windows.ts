import type { Slo, TimeWindow } from '../../slo-specs/schema/model.ts'
import { calendarPeriod } from './calendar.ts'

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

/** What an SLO's own window covers at a moment. */
export interface SloPeriod {
  /** Seconds before the running minute that are summed: all of a rolling window, the elapsed part of a calendar one. */
  readonly lookBackSeconds: number
  readonly fromMs: number
  /** Length of the whole window: of a calendar one the length of this very period. */
  readonly wholeSeconds: number
}

/** Calendars are slow to consult: a caller with many SLOs asks each of their windows once. */
export type PeriodOf = (window: TimeWindow) => SloPeriod

/** The periods of windows at a moment, each worked out once. */
export function periodsAt(nowMs: number): PeriodOf {
  const known = new Map<string, SloPeriod>()
  return window => {
    const key = JSON.stringify([window.seconds, window.calendar])
    const period = known.get(key) ?? periodAt(window, nowMs)
    known.set(key, period)
    return period
  }
}

function periodAt({ seconds, calendar }: TimeWindow, nowMs: number): SloPeriod {
  if (calendar === undefined) {
    const { fromMs } = rollingWindow(nowMs, seconds)
    return { lookBackSeconds: seconds, fromMs, wholeSeconds: seconds }
  }
  const { fromMs, toMs } = calendarPeriod(calendar, nowMs)
  const lookBackSeconds = (floorToMinuteMs(nowMs) - fromMs) / 1000
  return { lookBackSeconds, fromMs, wholeSeconds: (toMs - fromMs) / 1000 }
}

/** The look-back windows of an SLO's conditions and forecasts, in seconds. */
export function lookBackWindows(slo: Slo): number[] {
  const conditions = slo.alerts.flatMap(({ conditions }) => conditions)
  const lookBacks = conditions.flatMap(({ longWindowSeconds, shortWindowSeconds }) =>
    shortWindowSeconds === undefined ? [longWindowSeconds] : [longWindowSeconds, shortWindowSeconds],
  )
  return [...lookBacks, forecastWindowSeconds.hour, forecastWindowSeconds.day]
}

/**
 * Every window that an SLO's status and alerts need, in seconds, ascending: look-back windows and its own (of a calendar one what has
 * elapsed, so that it is read like any other).
 */
export function neededWindows(slo: Slo, periodOf: PeriodOf): number[] {
  return [...new Set([...lookBackWindows(slo), periodOf(slo.window).lookBackSeconds])].sort((a, b) => a - b)
}
