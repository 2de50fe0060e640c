import { z } from 'zod'
import { int64 } from '../client/columns.ts'
import type { Query, Reader } from '../client/store.ts'
import { layerTupleColumns } from '../tables/layer-tuple.ts'
import { finalSettings, type RangePiece, type RollupStep, stepColumns } from './rollup-steps.ts'

const anyParams = z.record(z.string(), z.unknown())
const counts = { good: int64, valid: int64 }

export interface RevisionKey {
  readonly slo: string
  readonly revision: string
}

/** Buckets of `stepSeconds` beginning at whole steps after `offset` (both seconds). */
export interface Buckets {
  readonly stepSeconds: number
  readonly offset: number
}

interface Selected {
  readonly condition: string
  readonly params: Record<string, unknown>
}

/** One revision's rows of one table within the pieces of its step; undefined when there are none. */
function selectPieces(step: RollupStep, pieces: readonly RangePiece[], key: RevisionKey): Selected | undefined {
  const mine = pieces.filter(piece => piece.resolution === step)
  if (mine.length === 0) return undefined
  const params: Record<string, unknown> = { slo: key.slo, revision: key.revision }
  const time = stepColumns[step]
  const ranges = mine.map(({ fromMs, toMs }, index) => {
    params[`f${index}`] = fromMs / 1000
    params[`t${index}`] = toMs / 1000
    return `(${time} >= toDateTime({f${index}:UInt32}, 'UTC') AND ${time} < toDateTime({t${index}:UInt32}, 'UTC'))`
  })
  return { condition: `Slo = {slo:String} AND Revision = {revision:String} AND (${ranges.join(' OR ')})`, params }
}

async function overSteps<R extends z.ZodType>(
  reader: Reader,
  pieces: readonly RangePiece[],
  key: RevisionKey,
  make: (step: RollupStep, condition: string) => Query<typeof anyParams, R>,
  params: Record<string, unknown>,
): Promise<z.output<R>[]> {
  const rows: z.output<R>[] = []
  for (const step of ['day', 'hour', 'minute'] as const) {
    const selected = selectPieces(step, pieces, key)
    if (selected === undefined) continue
    const query = make(step, selected.condition)
    rows.push(...(await reader.query(query, { ...params, ...selected.params }, { settings: finalSettings })))
  }
  return rows
}

const bucketOf = (step: RollupStep) =>
  `intDiv(toUnixTimestamp(${stepColumns[step]}) - {offset:UInt32}, {stepSeconds:UInt32}) * {stepSeconds:UInt32} + {offset:UInt32}`

/** Sums a bucket, seconds since the epoch; a bucket may come in several rows (one a resolution). */
export function sloSeries(reader: Reader, key: RevisionKey, pieces: readonly RangePiece[], buckets: Buckets) {
  const make = (step: RollupStep, condition: string) => ({
    name: `slo series by ${step}`,
    sql: `SELECT ${bucketOf(step)} AS at, sum(Good) AS good, sum(Valid) AS valid
FROM slo_${step} FINAL WHERE ${condition} GROUP BY at ORDER BY at`,
    params: anyParams,
    row: z.object({ at: z.coerce.number(), ...counts }),
  })
  return overSteps(reader, pieces, key, make, { ...buckets })
}

/** Sums a value of a layer; a value may come in several rows. @throws RangeError for a column that is no layer. */
export function layerSums(reader: Reader, key: RevisionKey, pieces: readonly RangePiece[], column: string) {
  const layer = knownLayer(column)
  const make = (step: RollupStep, condition: string) => ({
    name: `layer sums by ${step}`,
    sql: `SELECT ${layer} AS value, sum(Good) AS good, sum(Valid) AS valid
FROM sli_${step} FINAL WHERE ${condition} GROUP BY value`,
    params: anyParams,
    row: z.object({ value: z.string(), ...counts }),
  })
  return overSteps(reader, pieces, key, make, {})
}

/** Sums a bucket and value of a layer. */
export function layerSeries(
  reader: Reader,
  key: RevisionKey,
  pieces: readonly RangePiece[],
  column: string,
  buckets: Buckets,
) {
  const layer = knownLayer(column)
  const make = (step: RollupStep, condition: string) => ({
    name: `layer series by ${step}`,
    sql: `SELECT ${layer} AS value, ${bucketOf(step)} AS at, sum(Good) AS good, sum(Valid) AS valid
FROM sli_${step} FINAL WHERE ${condition} GROUP BY value, at ORDER BY at`,
    params: anyParams,
    row: z.object({ value: z.string(), at: z.coerce.number(), ...counts }),
  })
  return overSteps(reader, pieces, key, make, { ...buckets })
}

/** Sums of every value of every layer at once: where something burns. */
export function allLayerSums(reader: Reader, key: RevisionKey, pieces: readonly RangePiece[]) {
  const pairs = layerTupleColumns.map(layer => `('${layer}', toString(${layer}))`).join(', ')
  const make = (step: RollupStep, condition: string) => ({
    name: `all layer sums by ${step}`,
    sql: `SELECT pair.1 AS layerColumn, pair.2 AS value, sum(Good) AS good, sum(Valid) AS valid
FROM sli_${step} FINAL ARRAY JOIN [${pairs}] AS pair WHERE ${condition} GROUP BY layerColumn, value`,
    params: anyParams,
    row: z.object({ layerColumn: z.string(), value: z.string(), ...counts }),
  })
  return overSteps(reader, pieces, key, make, {})
}

function knownLayer(column: string): string {
  const layer = layerTupleColumns.find(name => name === column)
  if (layer === undefined) throw new RangeError(`not a layer column: ${column}`)
  return layer
}
