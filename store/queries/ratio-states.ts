import { z } from 'zod'
import { distinctPrecision, sketchAccuracy } from '../../lib/ratio-precision.ts'
import { float64, int64 } from '../client/columns.ts'
import { layerTupleColumns } from '../tables/layer-tuple.ts'

/**
 * What is kept of a side of a ratio, so that any windows and layers can be put together from minutes without losing anything
 * (docs/decisions/0010): counts, a sum of decimals, the least and the greatest number, a state that knows how many different texts there
 * were, and a sketch of measured values.
 */
const distinct = 'uniqCombined64'
const sketch = 'quantileDD'
/** Part of a sketch's type only: it answers for every level. */
const anyLevel = 0.5

/** Columns of `ratio_minute`, `ratio_hour` and `ratio_day` without Version. */
export function ratioColumns(time: string): readonly string[] {
  return ['Ratio', 'Revision', 'Side', time, ...layerTupleColumns, ...stateColumns]
}

export const stateColumns = ['Events', 'Numbers', 'Total', 'Least', 'Most', 'Distinct', 'Sketch'] as const

/** From events: Number, Text and Measured are NULL where an event has none. */
export const sideStates = `count() AS Events, count(Number) AS Numbers,
    ifNull(sum(Number), toDecimal256(0, 18)) AS Total, min(Number) AS Least, max(Number) AS Most,
    ${distinct}StateIf(${distinctPrecision})(ifNull(Text, ''), Text IS NOT NULL) AS Distinct,
    ${sketch}StateIf(${sketchAccuracy}, ${anyLevel})(ifNull(Measured, 0), Measured IS NOT NULL) AS Sketch`

/** From rows: hours of minutes, days of hours. */
export const mergedStates = `sum(Events), sum(Numbers), sum(Total), min(Least), max(Most),
  ${distinct}MergeState(${distinctPrecision})(Distinct), ${sketch}MergeState(${sketchAccuracy}, ${anyLevel})(Sketch)`

/** What a side came to; `total`, `least` and `most` are decimals as text, `quantiles` are in the order of the levels asked for. */
export const finishedRow = z.object({
  events: int64,
  numbers: int64,
  total: z.string(),
  least: z.string().nullable(),
  most: z.string().nullable(),
  distinct: int64,
  quantiles: z.array(float64),
})

/** What rows say; 64-bit counts and decimals as text. @param levels of the quantiles that are asked for, above 0 and below 1. */
export function finishedStates(levels: readonly number[]): string {
  // Parameters of aggregate functions take no query parameters; these are numbers, never text of a user.
  const quantiles = levels.map(level => `${sketch}Merge(${sketchAccuracy}, ${Number(level).toFixed(6)})(Sketch)`)
  return `sum(Events) AS events, sum(Numbers) AS numbers, toString(sum(Total)) AS total, toString(min(Least)) AS least,
  toString(max(Most)) AS most, ${distinct}Merge(${distinctPrecision})(Distinct) AS distinct,
  ${quantiles.length === 0 ? 'emptyArrayFloat64()' : `[${quantiles.join(', ')}]`} AS quantiles`
}
