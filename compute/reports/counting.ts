import type { Slo } from '../../slo-specs/schema/model.ts'
import type { Reader } from '../../store/client/store.ts'
import type { Retained } from '../../store/queries/oldest-rows.ts'
import { coarsestWithin, cutRange } from '../../store/queries/rollup-steps.ts'
import { readSliceSeries } from '../../store/queries/slice-sums.ts'
import { sloSeries } from '../../store/queries/slo-series.ts'
import type { WeighedCounts } from '../budget/composite.ts'
import { judgedSlices, noSlices, sliceRuleOf } from '../budget/slicing.ts'

/** What an SLO counts, events or time slices, over any range of whole minutes, milliseconds since the epoch. */
export interface Counting {
  sum(fromMs: number, toMs: number): Promise<WeighedCounts>
  /** By the step that it falls into, seconds; steps begin at `originMs` and every `stepSeconds` from there. */
  steps(
    range: { readonly fromMs: number; readonly toMs: number },
    originMs: number,
    stepSeconds: number,
  ): Promise<Map<number, WeighedCounts>>
  /** From here on the rows of such steps are all there; 0 when none have gone. Of time slices 0: a sum lacks the same minutes as the steps. */
  keptFromMs(originMs: number, stepSeconds: number): number
  /** Whether a sum lacks no row. */
  isWhole(fromMs: number, toMs: number): boolean
}

export const noCounts: WeighedCounts = { good: 0n, valid: 0n }

/** @param retained which rows are still there; slices of minutes that have gone are not judged as silent. */
export function countingOf(reader: Reader, slo: Slo, nowMs: number, retained: Retained): Counting {
  const counting =
    slo.timeSlices === undefined
      ? eventCounting(reader, slo)
      : sliceCounting(reader, slo, slo.timeSlices, { nowMs, keptFromMs: retained.fromMs('minute') })
  return {
    sum: (fromMs, toMs) =>
      toMs <= 0 || toMs <= fromMs ? Promise.resolve(noCounts) : counting.sum(Math.max(0, fromMs), toMs),
    steps: ({ fromMs, toMs }, originMs, stepSeconds) => {
      const range = { fromMs: Math.max(0, fromMs), toMs: Math.max(0, toMs) }
      return counting.steps(range, offsetOf(originMs, stepSeconds), stepSeconds)
    },
    keptFromMs: (originMs, stepSeconds) =>
      slo.timeSlices === undefined ? retained.fromMs(coarsestWithin(stepSeconds, offsetOf(originMs, stepSeconds))) : 0,
    isWhole: (fromMs, toMs) =>
      slo.timeSlices !== undefined || retained.isWhole(cutRange(Math.max(0, fromMs), toMs, 'day')),
  }
}

const offsetOf = (originMs: number, stepSeconds: number) =>
  (((originMs / 1000) % stepSeconds) + stepSeconds) % stepSeconds

/** `offset` is the remainder of the origin by the step, seconds. */
interface OwnCounting {
  sum(fromMs: number, toMs: number): Promise<WeighedCounts>
  steps(
    range: { readonly fromMs: number; readonly toMs: number },
    offset: number,
    stepSeconds: number,
  ): Promise<Map<number, WeighedCounts>>
}

function eventCounting(reader: Reader, { name: slo, revision }: Slo): OwnCounting {
  const key = { slo, revision }
  return {
    sum: async (fromMs, toMs) => {
      const rows = await sloSeries(reader, key, cutRange(fromMs, toMs, 'day'), { stepSeconds: 86_400, offset: 0 })
      return rows.reduce<WeighedCounts>(added, noCounts)
    },
    steps: async ({ fromMs, toMs }, offset, stepSeconds) => {
      const pieces = cutRange(fromMs, toMs, coarsestWithin(stepSeconds, offset))
      const buckets = new Map<number, WeighedCounts>()
      // A bucket may come once a resolution.
      for (const { at, ...counts } of await sloSeries(reader, key, pieces, { stepSeconds, offset }))
        buckets.set(at, added(buckets.get(at) ?? noCounts, counts))
      return buckets
    },
  }
}

function sliceCounting(
  reader: Reader,
  { name: slo, revision, corrections }: Slo,
  slices: NonNullable<Slo['timeSlices']>,
  { nowMs, keptFromMs }: { readonly nowMs: number; readonly keptFromMs: number },
): OwnCounting {
  // The first slice that has all of its minutes.
  const kept = Math.ceil(keptFromMs / 1000 / slices.seconds) * slices.seconds
  const now = Math.floor(nowMs / 1000)
  const steps: OwnCounting['steps'] = async ({ fromMs, toMs }, offset, stepSeconds) => {
    const [from, until] = [fromMs / 1000, toMs / 1000]
    const range = { from: Math.max(from, kept), until, now, stepSeconds, offset }
    const rows = await readSliceSeries(reader, sliceRuleOf(slices), { slo, revision }, range)
    const found = new Map(rows.map(({ at, ...read }) => [at, read]))
    const buckets = new Map<number, WeighedCounts>()
    const first = Math.floor((from - offset) / stepSeconds) * stepSeconds + offset
    for (let at = first; at < until; at += stepSeconds) {
      const read = found.get(at) ?? noSlices
      const cut = { from: Math.max(at, from, kept), until: Math.min(at + stepSeconds, until), now }
      buckets.set(at, judgedSlices(read, slices, cut, corrections))
    }
    return buckets
  }
  return {
    steps,
    sum: async (fromMs, toMs) => {
      const wholeSeconds = (toMs - fromMs) / 1000
      const found = await steps({ fromMs, toMs }, (fromMs / 1000) % wholeSeconds, wholeSeconds)
      return [...found.values()].reduce(added, noCounts)
    },
  }
}

/** Of one SLO that is no composite: then the exact fractions are of one kind and add up. */
export const added = (a: WeighedCounts, b: WeighedCounts): WeighedCounts => combine(a, b, 1n)
export const takenOff = (a: WeighedCounts, b: WeighedCounts): WeighedCounts => combine(a, b, -1n)

function combine(a: WeighedCounts, b: WeighedCounts, sign: bigint): WeighedCounts {
  const counts = { good: a.good + sign * b.good, valid: a.valid + sign * b.valid }
  if (a.exact === undefined && b.exact === undefined) return counts
  return { ...counts, exact: combine(a.exact ?? noCounts, b.exact ?? noCounts, sign) }
}
