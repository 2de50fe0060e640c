import { setImmediate } from 'node:timers/promises'
import type { Slo } from '../../slo-specs/schema/model.ts'
import type { AlertEpisode, AlertSeverity } from '../alerts/episode.ts'
import { advanceSlo, type SloEpisodes } from '../alerts/slo-alerts.ts'
import { burnRate, targetOf } from '../budget/budget.ts'
import { countedSlos } from '../budget/composite.ts'
import { type MinuteSeries, type SliceSeries, sliceSeries } from '../budget/minute-series.ts'
import { noSlices, sliceGroups, withSlices } from '../budget/slicing.ts'
import { statusFrom } from '../budget/slo-status.ts'
import type { SloStatus } from '../budget/status.ts'
import { type CountedWindows, windowSums } from '../budget/statuses.ts'
import { passes } from '../budget/thresholds.ts'
import { type PeriodOf, periodsAt } from '../budget/windows.ts'

/** What the store holds of an SLO's past, minute by minute. */
export interface ReplayData {
  readonly series: MinuteSeries
  /** Minutes in which anything of the SLO's signal arrived. */
  readonly received: MinuteSeries
  /** Of a composite: what its members counted, by name, and what arrived of their signals. */
  readonly members?: {
    readonly series: ReadonlyMap<string, MinuteSeries>
    readonly received: ReadonlyMap<string, MinuteSeries>
  }
}

/** One time that somebody would have been told. */
export interface ReplayedAlert {
  readonly severity: AlertSeverity
  readonly firedAtMs: number
  /** Null: still firing at the end. */
  readonly resolvedAtMs: number | null
  /** Share of the budget spent when it fired; null without valid events. */
  readonly budgetSpent: number | null
  /** A ticket under a firing page: shown, and nobody told. */
  readonly inhibited: boolean
  /** The conditions that held. */
  readonly conditions: readonly string[]
}

const minuteMs = 60_000
/** Steps between which others get their turn: a few milliseconds of work. */
const stepsATurn = 100

/** The status of an SLO at a whole minute, from its past. */
export function statusAt(slo: Slo, data: ReplayData, atMs: number, periodOf: PeriodOf = periodsAt(atMs)): SloStatus {
  return replayer(slo, data).statusAt(atMs, periodOf)
}

/**
 * Runs the alert state machine over the past, minute by minute, as the evaluator runs it in the present: what would have fired within
 * `[fromMs, toMs]`. Nothing is stored and nobody told.
 */
export async function replaySlo(
  slo: Slo,
  data: ReplayData,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  signal?: AbortSignal,
): Promise<readonly ReplayedAlert[]> {
  const { statusAt, lastDataMs, isQuiet } = replayer(slo, data)
  const alerts = new Map<string, ReplayedAlert>()
  let episodes: SloEpisodes = {}
  let turn = 0
  for (let nowMs = Math.ceil(fromMs / minuteMs) * minuteMs; nowMs <= toMs; nowMs += minuteMs) {
    const lastMs = lastDataMs(nowMs)
    if (Object.keys(episodes).length === 0 && isQuiet(nowMs, lastMs)) continue
    const step = advanceSlo(episodes, slo, statusAt(nowMs, periodsAt(nowMs)), lastMs, nowMs)
    for (const { episode } of step.changes) record(alerts, episode)
    episodes = Object.fromEntries(
      Object.entries(step.episodes).filter(([, { state }]) => state === 'pending' || state === 'firing'),
    )
    if (++turn % stepsATurn === 0) {
      await setImmediate()
      signal?.throwIfAborted()
    }
  }
  return [...alerts.values()].sort((a, b) => a.firedAtMs - b.firedAtMs || (a.severity < b.severity ? -1 : 1))
}

function record(alerts: Map<string, ReplayedAlert>, episode: AlertEpisode): void {
  const { severity, firedAtMs, resolvedAtMs, budgetRemainingRatio, inhibited, evidence, dedupKey } = episode
  if (firedAtMs === null) return
  const told = alerts.get(dedupKey)
  alerts.set(dedupKey, {
    severity,
    firedAtMs,
    resolvedAtMs,
    budgetSpent: budgetRemainingRatio === null ? null : 1 - budgetRemainingRatio,
    // Once it was told of, it was not held back.
    inhibited: inhibited && (told?.inhibited ?? true),
    conditions: evidence.map(({ condition }) => condition),
  })
}

/** The evaluator's questions, answered from arrays instead of the store. */
function replayer(slo: Slo, data: ReplayData) {
  const { series, received } = data
  const slices = slicesOf(slo, data)
  const conditions = slo.alerts.flatMap(rule => rule.conditions)
  const target = targetOf(slo.objectiveText)
  const canSkip =
    slo.timeSlices === undefined &&
    slo.indicator.kind !== 'composite' &&
    conditions.every(({ op, threshold }) => (op === 'gt' || op === 'gte') && threshold > 0)

  const statusAt = (atMs: number, periodOf: PeriodOf): SloStatus => {
    const counted = countedAt(slo, data, slices, atMs)
    const sums = windowSums(slo, counted, periodOf)
    return statusFrom(slo, sums, atMs, periodOf)
  }
  /** Data up to now, and over no long window does it burn as fast as a condition asks: none can hold, whatever the rest is. */
  const isQuiet = (atMs: number, lastMs: number | null) => {
    if (!canSkip || (lastMs !== null && lastMs < atMs)) return false
    return !conditions.some(({ op, threshold, longWindowSeconds }) =>
      passes(op, burnRate(target, series.between(atMs - longWindowSeconds * 1000, atMs)), threshold),
    )
  }
  return { statusAt, isQuiet, lastDataMs: newestData(received) }
}

/** Slices by the name of the SLO that is cut: of a composite, of its members. */
function slicesOf(slo: Slo, { series, members }: ReplayData): ReadonlyMap<string, SliceSeries> {
  return new Map(
    countedSlos(slo).flatMap(({ name, timeSlices }) =>
      timeSlices === undefined ? [] : [[name, sliceSeries(members?.series.get(name) ?? series, timeSlices)] as const],
    ),
  )
}

function countedAt(
  slo: Slo,
  { series, received, members }: ReplayData,
  slices: ReadonlyMap<string, SliceSeries>,
  atMs: number,
): CountedWindows {
  const counted: CountedWindows = {
    counts: (name, _revision, seconds) => (members?.series.get(name) ?? series).between(atMs - seconds * 1000, atMs),
    coverage: (signal, seconds) => {
      const { valid } = (members?.received.get(signal) ?? received).between(atMs - seconds * 1000, atMs)
      return (Number(valid) * 60) / seconds
    },
  }
  if (slices.size === 0) return counted
  const groups = sliceGroups([slo], atMs)
  const read = groups.map(({ selection, keys }) =>
    keys.map(key => ({
      ...key,
      windows: selection.froms.map(from => slices.get(key.slo)?.read(from, selection.now) ?? noSlices),
    })),
  )
  return withSlices(counted, groups, read)
}

/** The end of the newest minute with data before a time that only grows; null before the first. */
function newestData(received: MinuteSeries): (atMs: number) => number | null {
  let newest: number | null = null
  let looked = received.fromMs
  return atMs => {
    for (; looked < atMs; looked += minuteMs)
      if (received.between(looked, looked + minuteMs).valid > 0n) newest = looked + minuteMs
    return newest
  }
}
