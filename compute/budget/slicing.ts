import type { Slo, TimeSlices } from '../../slo-specs/schema/model.ts'
import { targetOfSlice } from './budget.ts'
import { countedSlos } from './composite.ts'
import type { Counts } from './status.ts'
import type { CountedWindows } from './statuses.ts'
import { floorToMinuteMs, neededWindows, periodsAt } from './windows.ts'

/** SLOs of the method Timeslices whose slices are judged alike over the same windows, for one read of them all. */
export interface SliceGroup {
  readonly rule: { readonly sliceSeconds: number; readonly target: bigint; readonly whole: bigint }
  readonly selection: { readonly froms: readonly number[]; readonly now: number; readonly until: number }
  /** Window lengths, one a `from`. */
  readonly lengths: readonly number[]
  readonly noData: TimeSlices['noData']
  readonly keys: readonly { readonly slo: string; readonly revision: string }[]
}

/** What was read of one revision: good slices, slices with valid events, those of them that are over; one entry a window. */
export interface RevisionSlices {
  readonly slo: string
  readonly revision: string
  readonly windows: readonly SliceRead[]
}

export interface SliceRead {
  readonly good: bigint
  readonly judged: bigint
  readonly over: bigint
}

/** When a slice of the SLO is good. */
export function sliceRuleOf({ seconds, targetText }: TimeSlices): SliceGroup['rule'] {
  const { good, whole } = targetOfSlice(targetText)
  return { sliceSeconds: seconds, target: good, whole }
}

/** The slices that the statuses of SLOs need at a moment; of the method Occurrences none. */
export function sliceGroups(slos: readonly Slo[], nowMs: number): SliceGroup[] {
  const periodOf = periodsAt(nowMs)
  const groups = new Map<string, SliceGroup & { keys: { slo: string; revision: string }[] }>()
  for (const [slo, of] of slos.flatMap(whole => countedSlos(whole).map(slo => [slo, whole] as const))) {
    const { timeSlices } = slo
    if (timeSlices === undefined) continue
    // Of a composite's members also the windows that the whole looks over.
    const lengths = neededWindows(of, periodOf)
    const id = JSON.stringify([timeSlices, lengths])
    const now = floorToMinuteMs(nowMs) / 1000
    const selection = {
      froms: lengths.map(length => firstSlice(now - length, length, timeSlices.seconds)),
      now: Math.floor(nowMs / 1000),
      until: Math.ceil(nowMs / 60_000) * 60,
    }
    const { noData } = timeSlices
    const group = groups.get(id) ?? { rule: sliceRuleOf(timeSlices), selection, lengths, noData, keys: [] }
    group.keys.push({ slo: slo.name, revision: slo.revision })
    groups.set(id, group)
  }
  return [...groups.values()]
}

/** A window holds the slices that begin in it; one that is shorter than a slice, the slice that it begins in. */
function firstSlice(from: number, lengthSeconds: number, sliceSeconds: number): number {
  const round = lengthSeconds >= sliceSeconds ? Math.ceil : Math.floor
  return round(from / sliceSeconds) * sliceSeconds
}

/**
 * Good and judged slices, the policy for slices without valid events applied: left out, or counted as good or bad once they are over.
 * @param range beginnings of the slices that were counted, seconds; `now` tells which of them are over.
 */
export function judgedSlices(
  { good, judged, over }: SliceRead,
  { noData, seconds }: Pick<TimeSlices, 'noData' | 'seconds'>,
  range: { readonly from: number; readonly until: number; readonly now: number },
): Counts {
  if (noData === 'ignore') return { good, valid: judged }
  const first = Math.ceil(range.from / seconds)
  const end = Math.min(Math.ceil(range.until / seconds), Math.floor(range.now / seconds))
  const silent = BigInt(Math.max(0, end - first)) - over
  return { good: noData === 'good' ? good + silent : good, valid: judged + silent }
}

/** What was counted, with slices in place of events for the SLOs that are budgeted by them. */
export function withSlices(
  counted: CountedWindows,
  groups: readonly SliceGroup[],
  read: readonly (readonly RevisionSlices[])[],
): CountedWindows {
  const counts = new Map<string, Counts>()
  const key = (slo: string, revision: string, length: number) => `${slo}\0${revision}\0${length}`
  for (const [index, { lengths, rule, selection, noData, keys }] of groups.entries()) {
    const found = new Map(read[index]?.map(row => [`${row.slo}\0${row.revision}`, row.windows]))
    for (const { slo, revision } of keys)
      for (const [window, length] of lengths.entries()) {
        const slices = found.get(`${slo}\0${revision}`)?.[window] ?? { good: 0n, judged: 0n, over: 0n }
        const range = { from: selection.froms[window] ?? 0, until: selection.until, now: selection.now }
        counts.set(key(slo, revision, length), judgedSlices(slices, { noData, seconds: rule.sliceSeconds }, range))
      }
  }
  return {
    counts: (slo, revision, length) => counts.get(key(slo, revision, length)) ?? counted.counts(slo, revision, length),
    coverage: counted.coverage,
  }
}
