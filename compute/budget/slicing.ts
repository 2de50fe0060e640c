import type { Slo, TimeSlices } from '../../slo-specs/schema/model.ts'
import { targetOfSlice } from './budget.ts'
import { countedSlos, type WeighedCounts } from './composite.ts'
import { leftOutSlices } from './left-out-slices.ts'
import { sliceShareOf } from './slice-share.ts'
import type { Counts } from './status.ts'
import type { CountedWindows } from './statuses.ts'
import { floorToMinuteMs, neededWindows, periodsAt } from './windows.ts'

/** When a slice is good: from a target on; or as far as its own SLI goes, in so many parts (`SliceShare`). */
export type SliceRule = { readonly sliceSeconds: number } & (
  | { readonly target: bigint; readonly whole: bigint }
  | { readonly parts: bigint }
)

/** SLOs whose time slices are judged alike over the same windows, for one read of them all. */
export interface SliceGroup {
  readonly rule: SliceRule
  readonly selection: { readonly froms: readonly number[]; readonly now: number; readonly until: number }
  /** Window lengths, one a `from`. */
  readonly lengths: readonly number[]
  readonly slices: TimeSlices
  readonly keys: readonly SliceKey[]
}

interface SliceKey {
  readonly slo: string
  readonly revision: string
  readonly corrections: Slo['corrections']
}

/** What was read of one revision, one entry a window. */
export interface RevisionSlices {
  readonly slo: string
  readonly revision: string
  readonly windows: readonly SliceRead[]
}

export interface SliceRead {
  /** Parts of slices that are good (`SliceShare`). */
  readonly good: bigint
  /** Slices with valid events. */
  readonly judged: bigint
  /** Those of them that are over. */
  readonly over: bigint
  /** What was counted in them. */
  readonly events: Counts
}

export const noSlices: SliceRead = { good: 0n, judged: 0n, over: 0n, events: { good: 0n, valid: 0n } }

/** When a slice of the SLO is good. */
export function sliceRuleOf({ seconds, targetText }: TimeSlices): SliceRule {
  if (targetText === undefined) return { sliceSeconds: seconds, parts: sliceShareOf({}).parts }
  const { good, whole } = targetOfSlice(targetText)
  return { sliceSeconds: seconds, target: good, whole }
}

/**
 * The slices that the statuses of SLOs need at a moment; of the method Occurrences none.
 * @param windowsOf lengths of the windows of an SLO, seconds, which all end at `nowMs`.
 * @param keptFromMs where the minutes that are left of an SLO begin: slices before that are not silent but gone.
 */
export function sliceGroups(
  slos: readonly Slo[],
  nowMs: number,
  windowsOf: (slo: Slo) => readonly number[] = statusWindowsAt(nowMs),
  keptFromMs: (slo: Slo) => number = () => 0,
): SliceGroup[] {
  const groups = new Map<string, SliceGroup & { keys: SliceKey[] }>()
  for (const [slo, of] of slos.flatMap(whole => countedSlos(whole).map(slo => [slo, whole] as const))) {
    const { timeSlices } = slo
    if (timeSlices === undefined) continue
    // Of a composite's members also the windows that the whole looks over.
    const lengths = windowsOf(of)
    const keptFrom = firstSlice(keptFromMs(slo) / 1000, timeSlices.seconds, timeSlices.seconds)
    const id = JSON.stringify([timeSlices, lengths, keptFrom])
    const now = floorToMinuteMs(nowMs) / 1000
    const selection = {
      froms: lengths.map(length => Math.max(keptFrom, firstSlice(now - length, length, timeSlices.seconds))),
      now: Math.floor(nowMs / 1000),
      until: Math.ceil(nowMs / 60_000) * 60,
    }
    const group = groups.get(id) ?? { rule: sliceRuleOf(timeSlices), selection, lengths, slices: timeSlices, keys: [] }
    group.keys.push({ slo: slo.name, revision: slo.revision, corrections: slo.corrections })
    groups.set(id, group)
  }
  return [...groups.values()]
}

function statusWindowsAt(nowMs: number): (slo: Slo) => number[] {
  const periodOf = periodsAt(nowMs)
  return slo => neededWindows(slo, periodOf)
}

/** A window holds the slices that begin in it; one that is shorter than a slice, the slice that it begins in. */
function firstSlice(from: number, lengthSeconds: number, sliceSeconds: number): number {
  const round = lengthSeconds >= sliceSeconds ? Math.ceil : Math.floor
  return round(from / sliceSeconds) * sliceSeconds
}

/**
 * Good and judged slices, the policy for slices without valid events applied: left out, or counted as good or bad once they are over.
 * Slices that a correction covers are none, so the policy is not asked about them. Of slices that are good in parts the counts are events,
 * and `exact` is the mean of the slices' SLIs.
 * @param range beginnings of the slices that were counted, seconds; `now` tells which of them are over.
 */
export function judgedSlices(
  { good, judged, over, events }: SliceRead,
  slices: TimeSlices,
  range: { readonly from: number; readonly until: number; readonly now: number },
  corrections?: Slo['corrections'],
): WeighedCounts {
  const { noData, seconds, targetText } = slices
  const { parts } = sliceShareOf(slices)
  const silent = noData === 'ignore' ? 0n : silentSlices(over, seconds, range, corrections)
  const counted = { good: noData === 'good' ? good + silent * parts : good, valid: (judged + silent) * parts }
  return targetText === undefined ? { ...events, exact: counted } : counted
}

/** Slices that are over and had no valid event. */
function silentSlices(
  over: bigint,
  seconds: number,
  range: Parameters<typeof judgedSlices>[2],
  corrections: Slo['corrections'],
): bigint {
  const first = Math.ceil(range.from / seconds)
  const end = Math.min(Math.ceil(range.until / seconds), Math.floor(range.now / seconds))
  const left = { fromMs: first * seconds * 1000, toMs: end * seconds * 1000 }
  return BigInt(Math.max(0, end - first) - leftOutSlices(corrections, left, seconds)) - over
}

/** What was counted, with slices in place of events for the SLOs that are budgeted by them. */
export function withSlices(
  events: CountedWindows,
  groups: readonly SliceGroup[],
  read: readonly (readonly RevisionSlices[])[],
): CountedWindows {
  const counts = new Map<string, WeighedCounts>()
  const key = (slo: string, revision: string, length: number) => `${slo}\0${revision}\0${length}`
  for (const [index, { lengths, selection, slices, keys }] of groups.entries()) {
    const found = new Map(read[index]?.map(row => [`${row.slo}\0${row.revision}`, row.windows]))
    for (const { slo, revision, corrections } of keys)
      for (const [window, length] of lengths.entries()) {
        const counted = found.get(`${slo}\0${revision}`)?.[window] ?? noSlices
        const range = { from: selection.froms[window] ?? 0, until: selection.until, now: selection.now }
        counts.set(key(slo, revision, length), judgedSlices(counted, slices, range, corrections))
      }
  }
  return {
    counts: (slo, revision, length) => counts.get(key(slo, revision, length)) ?? events.counts(slo, revision, length),
    coverage: events.coverage,
  }
}
