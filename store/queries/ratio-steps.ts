import { layerTupleColumns } from '../tables/layer-tuple.ts'
import type { BoundStatement } from './minute-selection.ts'
import { mergedStates, ratioColumns } from './ratio-states.ts'
import { boundStep, finerStep, type StepScope, startOf, stepColumns } from './rollup-steps.ts'
import { allShards } from './shards.ts'

/** Hours of the sides of ratios from minutes, or days from hours: states are merged, so that the result is that of the raw events. */
export function ratioSteps(
  step: 'hour' | 'day',
  starts: readonly number[],
  version: bigint,
  scope: StepScope = allShards,
): BoundStatement {
  const finer = finerStep[step]
  const time = stepColumns[finer]
  const begin = startOf(step, time)
  const key = ['Ratio', 'Revision', 'Side', 'At', ...layerTupleColumns].join(', ')
  const sql = `INSERT INTO ratio_${step} (${[...ratioColumns(stepColumns[step]), 'Version'].join(', ')})
SELECT Ratio, Revision, Side, ${begin} AS At, ${layerTupleColumns.join(', ')}, ${mergedStates}, {version:UInt64}
FROM ratio_${finer} FINAL
WHERE ${time} >= toDateTime({from:UInt32}, 'UTC') AND ${time} < toDateTime({to:UInt32}, 'UTC')
  AND toUnixTimestamp(${begin}) IN {starts:Array(UInt32)}/*only*/
GROUP BY ${key}`
  return boundStep({ name: `ratio-${step}`, sql, starts, step, version, scope, column: 'Ratio' })
}
