import { z } from 'zod'
import { int64 } from '../client/columns.ts'
import { defineQuery } from '../client/query.ts'
import type { Reader } from '../client/store.ts'
import { finalSettings } from './rollup-steps.ts'
import type { RevisionKey } from './slo-series.ts'

/**
 * When a slice is good: its own good ÷ valid ≥ target ÷ whole; or as far as its good ÷ valid goes, to the nearest of so many parts. Slices begin
 * at whole multiples of their length since 1970.
 */
export type SliceRule = { readonly sliceSeconds: number } & (
  | { readonly target: bigint; readonly whole: bigint }
  | { readonly parts: bigint }
)

/** Slices that begin at or after each of `froms` (seconds), out of minutes before `until`. */
export interface SliceSelection {
  readonly froms: readonly number[]
  /** Slices that end after this are still running. */
  readonly now: number
  readonly until: number
}

export interface SliceCounts {
  /** Good slices, or parts of slices. */
  readonly good: bigint
  /** Slices with valid events. */
  readonly judged: bigint
  /** Those of them that are over. */
  readonly over: bigint
  /** What was counted in them. */
  readonly events: { readonly good: bigint; readonly valid: bigint }
}

const exactCounts = z.array(z.string()).transform(texts => texts.map(BigInt))
const sliceParams = { slice: z.number(), target: z.string(), whole: z.string(), parts: z.string(), until: z.number() }

/** One row a slice with valid events: whole numbers beyond 64 bits, so that no target is rounded. Nothing is divided by the zero of a silent one. */
const slices = `SELECT Slo, Revision, intDiv(toUnixTimestamp(Minute), {slice:UInt32}) * {slice:UInt32} AS SliceStart,
    toUInt256(sum(Good)) AS SliceGood, toUInt256(sum(Valid)) AS SliceValid,
    if({parts:UInt64} = 0,
      toUInt256(SliceGood * toUInt256({whole:String}) >= SliceValid * toUInt256({target:String})),
      intDiv(SliceGood * {parts:UInt64} * 2 + SliceValid, greatest(SliceValid * 2, toUInt256(1)))) AS Share
  FROM slo_minute FINAL
  WHERE Minute >= toDateTime({oldest:UInt32}, 'UTC') AND Minute < toDateTime({until:UInt32}, 'UTC')`
const perSlice = 'GROUP BY Slo, Revision, SliceStart HAVING sum(Valid) > 0'

const sumsOf = (value: string) =>
  `sumForEach(arrayMap(from -> if(SliceStart >= from, ${value}, toUInt256(0)), {froms:Array(UInt32)}))`

const sliceSums = defineQuery({
  name: 'slice sums',
  sql: `SELECT Slo AS slo, Revision AS revision, ${sumsOf('Share')} AS good, ${sumsOf('toUInt256(1)')} AS judged,
  ${sumsOf('toUInt256(SliceStart + {slice:UInt32} <= {now:UInt32})')} AS over,
  ${sumsOf('SliceGood')} AS eventsGood, ${sumsOf('SliceValid')} AS eventsValid
FROM (
  ${slices}
    AND (Slo, Revision) IN (SELECT r.1, r.2 FROM (SELECT arrayJoin(arrayZip({slos:Array(String)}, {revisions:Array(String)})) AS r))
  ${perSlice}
)
GROUP BY Slo, Revision`,
  params: z.object({
    ...sliceParams,
    oldest: z.number(),
    now: z.number(),
    froms: z.array(z.number()),
    slos: z.array(z.string()),
    revisions: z.array(z.string()),
  }),
  row: z.object({
    ...{ slo: z.string(), revision: z.string(), good: exactCounts, judged: exactCounts, over: exactCounts },
    ...{ eventsGood: exactCounts, eventsValid: exactCounts },
  }),
})

/** Revisions whose slices are judged by one rule over the same windows. */
export interface SliceGroup {
  readonly rule: SliceRule
  readonly selection: SliceSelection
  readonly keys: readonly RevisionKey[]
}

export type RevisionSlices = RevisionKey & { readonly windows: readonly SliceCounts[] }

/** Slices of several windows of each group: for each revision with any, one entry a window. */
export function readSlices(
  reader: Reader,
  groups: readonly SliceGroup[],
): Promise<readonly (readonly RevisionSlices[])[]> {
  return Promise.all(groups.map(group => readSliceSums(reader, group)))
}

async function readSliceSums(
  reader: Reader,
  { rule, selection, keys }: SliceGroup,
): Promise<readonly RevisionSlices[]> {
  const { froms, now, until } = selection
  const params = {
    ...ruleParams(rule),
    ...{ oldest: Math.max(0, Math.min(...froms)), now, until, froms: froms.map(from => Math.max(0, from)) },
    ...{ slos: keys.map(({ slo }) => slo), revisions: keys.map(({ revision }) => revision) },
  }
  const rows = await reader.query(sliceSums, params, { settings: finalSettings })
  return rows.map(({ slo, revision, good, judged, over, eventsGood, eventsValid }) => ({
    slo,
    revision,
    windows: froms.map((_, index) => ({
      good: good[index] ?? 0n,
      judged: judged[index] ?? 0n,
      over: over[index] ?? 0n,
      events: { good: eventsGood[index] ?? 0n, valid: eventsValid[index] ?? 0n },
    })),
  }))
}

const sliceSeries = defineQuery({
  name: 'slice series',
  sql: `SELECT intDiv(toInt64(SliceStart) - {offset:Int64}, {step:Int64}) * {step:Int64} + {offset:Int64} AS at,
  sum(Share) AS good, count() AS judged, countIf(SliceStart + {slice:UInt32} <= {now:UInt32}) AS over,
  sum(SliceGood) AS eventsGood, sum(SliceValid) AS eventsValid
FROM (
  ${slices} AND Slo = {slo:String} AND Revision = {revision:String}
  ${perSlice}
)
WHERE SliceStart >= {oldest:UInt32} AND SliceStart < {end:UInt32}
GROUP BY at ORDER BY at`,
  params: z.object({
    ...sliceParams,
    ...{ oldest: z.number(), now: z.number(), slo: z.string(), revision: z.string() },
    ...{ step: z.number(), offset: z.number(), end: z.number() },
  }),
  row: z.object({
    ...{ at: z.coerce.number(), good: int64, judged: int64, over: int64, eventsGood: int64, eventsValid: int64 },
  }),
})

/** Slices that begin within `[from, until)` of one revision, by the bucket that they begin in (seconds). */
export async function readSliceSeries(
  reader: Reader,
  rule: SliceRule,
  key: RevisionKey,
  range: {
    readonly from: number
    readonly until: number
    readonly now: number
    readonly stepSeconds: number
    readonly offset: number
  },
) {
  const { from, until: end, now, stepSeconds, offset } = range
  // The last slice that begins in the range may end beyond it, and is judged whole.
  const until = end + rule.sliceSeconds
  const params = { ...ruleParams(rule), ...key, oldest: Math.max(0, from), until, end, now, step: stepSeconds, offset }
  const rows = await reader.query(sliceSeries, params, { settings: finalSettings })
  return rows.map(({ eventsGood, eventsValid, ...row }) => ({
    ...row,
    events: { good: eventsGood, valid: eventsValid },
  }))
}

function ruleParams({ sliceSeconds: slice, ...rule }: SliceRule) {
  if ('parts' in rule) return { slice, target: '0', whole: '0', parts: rule.parts.toString() }
  return { slice, target: rule.target.toString(), whole: rule.whole.toString(), parts: '0' }
}
