import { z } from 'zod'
import type { Reader } from '../client/store.ts'
import { layerTupleColumns } from '../tables/layer-tuple.ts'
import { finishedRow, finishedStates, stateColumns } from './ratio-states.ts'
import { finalSettings, type RangePiece, stepColumns } from './rollup-steps.ts'
import type { Buckets } from './slo-series.ts'

const anyParams = z.record(z.string(), z.unknown())

const rowSchema = finishedRow.extend({
  ratio: z.string(),
  revision: z.string(),
  side: z.enum(['numerator', 'denominator']),
  value: z.string(),
  at: z.coerce.number(),
})

export interface RatioKey {
  readonly ratio: string
  readonly revision: string
}

export interface RatioReading {
  /** A column of a layer, whose values get rows of their own; the whole without it. */
  readonly by?: string
  /** Times that get rows of their own (`at`, seconds since the epoch); the whole without them. */
  readonly buckets?: Buckets
  readonly levels: readonly number[]
}

/** The sides of some revisions over pieces of time, put together from the rows of all resolutions at once. */
export async function ratioSums(
  reader: Reader,
  keys: readonly RatioKey[],
  pieces: readonly RangePiece[],
  { by, buckets, levels }: RatioReading,
): Promise<readonly z.output<typeof rowSchema>[]> {
  const layer = by === undefined ? "''" : knownLayer(by)
  const params: Record<string, unknown> = {
    ratios: keys.map(({ ratio }) => ratio),
    revisions: keys.map(({ revision }) => revision),
    ...buckets,
  }
  const parts = (['day', 'hour', 'minute'] as const).flatMap(step => {
    const mine = pieces.filter(piece => piece.resolution === step)
    if (mine.length === 0) return []
    const time = stepColumns[step]
    const ranges = mine.map(({ fromMs, toMs }, index) => {
      params[`${step}From${index}`] = fromMs / 1000
      params[`${step}To${index}`] = toMs / 1000
      return `(${time} >= toDateTime({${step}From${index}:UInt32}, 'UTC') AND ${time} < toDateTime({${step}To${index}:UInt32}, 'UTC'))`
    })
    return [
      `SELECT Ratio, Revision, Side, toUnixTimestamp(${time}) AS Time, ${layer} AS Layer, ${stateColumns.join(', ')}
FROM ratio_${step} FINAL
WHERE (${ranges.join(' OR ')}) AND (Ratio, Revision) IN (
  SELECT r.1, r.2 FROM (SELECT arrayJoin(arrayZip({ratios:Array(String)}, {revisions:Array(String)})) AS r))`,
    ]
  })
  if (parts.length === 0 || keys.length === 0) return []
  const at =
    buckets === undefined
      ? '0'
      : 'intDiv(Time - {offset:UInt32}, {stepSeconds:UInt32}) * {stepSeconds:UInt32} + {offset:UInt32}'
  const sql = `SELECT Ratio AS ratio, Revision AS revision, Side AS side, Layer AS value, ${at} AS at,
  ${finishedStates(levels)}
FROM (
${parts.join('\nUNION ALL\n')}
)
GROUP BY ratio, revision, side, value, at`
  const query = { name: 'ratio sums', sql, params: anyParams, row: rowSchema }
  return reader.query(query, params, { settings: finalSettings })
}

function knownLayer(column: string): string {
  const layer = layerTupleColumns.find(name => name === column)
  if (layer === undefined) throw new RangeError(`not a layer column: ${column}`)
  return `toString(${layer})`
}
