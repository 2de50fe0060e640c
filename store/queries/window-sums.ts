import { z } from 'zod'
import type { Query } from '../client/store.ts'
import { type RangePiece, type RollupStep, stepColumns } from './rollup-steps.ts'
import { type ShardSelection, shardCondition } from './shards.ts'

/** UInt64 arrays arrive as texts; there are many, so they are taken as a whole. */
const exactCounts = z.array(z.string()).transform(texts => texts.map(BigInt))

const rowSchema = z.object({ slo: z.string(), revision: z.string(), good: exactCounts, valid: exactCounts })
const anyParams = z.record(z.string(), z.unknown())

export interface BoundQuery<R extends z.ZodType> {
  readonly query: Query<typeof anyParams, R>
  readonly params: Record<string, unknown>
}

/** Whose rows are read. */
export type SloScope = { readonly slo: string } | ShardSelection

/**
 * Good and valid of several stretches of time (windows) of the revisions of all SLOs, of one, or of those of some shards: `good[i]` is what the pieces of
 * stretch `i` sum to. Undefined when there is nothing to read.
 *
 * Rows are first summed between the boundaries of all stretches, then the stretches are put together from those few sums:
 * windows are nested, and a row would otherwise be looked at once a window.
 */
export function windowSums(
  stretches: readonly (readonly RangePiece[])[],
  scope: SloScope,
): BoundQuery<typeof rowSchema> | undefined {
  const only = 'count' in scope ? shardCondition(scope) : { sql: ' AND Slo = {slo:String}', params: scope }
  const params: Record<string, unknown> = { ...only.params }
  const parts = (['day', 'hour', 'minute'] as const).flatMap(step => {
    const part = stepSums(step, stretches, only.sql)
    if (part === undefined) return []
    Object.assign(params, part.params)
    return [part.sql]
  })
  if (parts.length === 0) return undefined
  const sql = `SELECT Slo AS slo, Revision AS revision, sumForEach(PartGood) AS good, sumForEach(PartValid) AS valid
FROM (
${parts.join('\nUNION ALL\n')}
)
GROUP BY Slo, Revision`
  return { query: { name: 'window sums', sql, params: anyParams, row: rowSchema }, params }
}

interface Segment {
  readonly from: number
  readonly to: number
}

/** What one resolution contributes; parameters carry the step's name, since the steps are read in one statement. */
function stepSums(step: RollupStep, stretches: readonly (readonly RangePiece[])[], only: string) {
  const pieces = stretches.map(stretch =>
    stretch.filter(piece => piece.resolution === step && piece.toMs > piece.fromMs),
  )
  const all = pieces.flat()
  if (all.length === 0) return undefined
  const edges = [...new Set(all.flatMap(({ fromMs, toMs }) => [fromMs / 1000, toMs / 1000]))].sort((a, b) => a - b)
  const segments = edges.slice(0, -1).map((from, index) => ({ from, to: edges[index + 1] ?? from }))
  const uses = (piece: RangePiece, { from, to }: Segment) => piece.fromMs / 1000 <= from && to <= piece.toMs / 1000
  const time = stepColumns[step]
  const params: Record<string, unknown> = { [`${step}Edges`]: edges }
  const ranges = merge(segments.filter(segment => all.some(piece => uses(piece, segment)))).map(
    ({ from, to }, index) => {
      params[`${step}From${index}`] = from
      params[`${step}To${index}`] = to
      return `(${time} >= toDateTime({${step}From${index}:UInt32}, 'UTC') AND ${time} < toDateTime({${step}To${index}:UInt32}, 'UTC'))`
    },
  )
  const sumsOf = (column: string) =>
    pieces.map((stretch, index) => {
      params[`${step}Segments${index}`] = segments
        .filter(segment => stretch.some(piece => uses(piece, segment)))
        .map(({ from }) => from)
      return `sumIf(${column}, has({${step}Segments${index}:Array(UInt32)}, Segment))`
    })
  const sql = `SELECT Slo, Revision, [${sumsOf('SegmentGood').join(', ')}] AS PartGood, [${sumsOf('SegmentValid').join(', ')}] AS PartValid
FROM (
  SELECT Slo, Revision, roundDown(toUnixTimestamp(${time}), {${step}Edges:Array(UInt32)}) AS Segment,
    sum(Good) AS SegmentGood, sum(Valid) AS SegmentValid
  FROM slo_${step} FINAL
  WHERE (${ranges.join(' OR ')})${only}
  GROUP BY Slo, Revision, Segment
)
GROUP BY Slo, Revision`
  return { sql, params }
}

/** Adjacent segments as one range, so that the engine has fewer to look up. */
function merge(segments: readonly Segment[]): Segment[] {
  const merged: { from: number; to: number }[] = []
  for (const segment of segments) {
    const last = merged.at(-1)
    if (last !== undefined && last.to === segment.from) last.to = segment.to
    else merged.push({ ...segment })
  }
  return merged
}
