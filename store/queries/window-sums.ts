import { z } from 'zod'
import { int64 } from '../client/columns.ts'
import type { Query } from '../client/store.ts'
import { type RangePiece, type RollupStep, stepColumns } from './rollup-steps.ts'

const rowSchema = z.object({ slo: z.string(), revision: z.string(), good: z.array(int64), valid: z.array(int64) })
const anyParams = z.record(z.string(), z.unknown())

export interface BoundQuery<R extends z.ZodType> {
  readonly query: Query<typeof anyParams, R>
  readonly params: Record<string, unknown>
}

/**
 * Good and valid of several windows of all SLO revisions (or of one SLO), from totals of one resolution. `good[i]` is what the
 * pieces of window `i` at this step sum to. Undefined when no window has a piece of the step.
 *
 * The rows are first summed between the windows' boundaries, then windows are put together from those few sums: with nested
 * windows a row would otherwise be looked at once a window.
 */
export function windowSums(
  step: RollupStep,
  windows: readonly (readonly RangePiece[])[],
  slo?: string,
): BoundQuery<typeof rowSchema> | undefined {
  const pieces = windows.map(window => window.filter(piece => piece.resolution === step && piece.toMs > piece.fromMs))
  const edges = [...new Set(pieces.flat().flatMap(({ fromMs, toMs }) => [fromMs / 1000, toMs / 1000]))].sort(
    (a, b) => a - b,
  )
  const [first] = edges
  if (first === undefined) return undefined
  const segments = edges.slice(0, -1).map((from, index) => ({ from, to: edges[index + 1] ?? from }))
  const uses = (piece: RangePiece, at: { from: number; to: number }) =>
    piece.fromMs / 1000 <= at.from && at.to <= piece.toMs / 1000
  const used = segments.filter(segment => pieces.flat().some(piece => uses(piece, segment)))
  const time = stepColumns[step]
  const params: Record<string, unknown> = { edges, ...(slo === undefined ? {} : { slo }) }
  const ranges = merge(used).map(({ from, to }, index) => {
    params[`f${index}`] = from
    params[`t${index}`] = to
    return `(${time} >= toDateTime({f${index}:UInt32}, 'UTC') AND ${time} < toDateTime({t${index}:UInt32}, 'UTC'))`
  })
  const columns = (name: string) =>
    pieces.map((window, index) => {
      params[`s${index}`] = segments
        .filter(segment => window.some(piece => uses(piece, segment)))
        .map(({ from }) => from)
      return `sumIf(${name}, has({s${index}:Array(UInt32)}, Segment))`
    })
  const sql = `SELECT Slo AS slo, Revision AS revision, [${columns('SegmentGood').join(', ')}] AS good,
  [${columns('SegmentValid').join(', ')}] AS valid
FROM (
  SELECT Slo, Revision, roundDown(toUnixTimestamp(${time}), {edges:Array(UInt32)}) AS Segment, sum(Good) AS SegmentGood, sum(Valid) AS SegmentValid
  FROM slo_${step} FINAL
  WHERE (${ranges.join(' OR ')})${slo === undefined ? '' : ' AND Slo = {slo:String}'}
  GROUP BY Slo, Revision, Segment
)
GROUP BY Slo, Revision`
  return { query: { name: `window sums by ${step}`, sql, params: anyParams, row: rowSchema }, params }
}

/** Adjacent segments as one range, so that the engine has fewer to look up. */
function merge(segments: readonly { from: number; to: number }[]): { from: number; to: number }[] {
  const merged: { from: number; to: number }[] = []
  for (const segment of segments) {
    const last = merged.at(-1)
    if (last !== undefined && last.to === segment.from) last.to = segment.to
    else merged.push({ ...segment })
  }
  return merged
}
