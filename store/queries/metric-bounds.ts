import type { Reader } from '../client/store.ts'
import type { Verdict } from './event-filter.ts'
import { metricCount } from './metric-counts.ts'
import type { MinuteSelection } from './minute-selection.ts'
import { groupVerdicts } from './verdict-shapes.ts'

/** How many measurements there were, and how many of them were good: at least, as the roll-ups count, and at most. */
export interface MetricBounds {
  readonly goodAtLeast: bigint
  readonly goodAtMost: bigint
  readonly valid: bigint
}

/**
 * Counts the points of a verdict on metrics twice: measurements in a bucket that a value of the filter cuts are bad once and good once. The
 * two are equal where no bucket is cut. Reads raw points of all the minutes: for a day or so.
 */
export async function readMetricBounds(
  reader: Reader,
  verdict: Verdict,
  selection: MinuteSelection,
): Promise<MetricBounds> {
  const [shape] = groupVerdicts([verdict]).shapes
  const metric = shape?.metric
  if (shape === undefined || metric === undefined) throw new RangeError(`${verdict.slo} counts no metrics`)
  const count = async (of: typeof metric) => {
    const { query, params } = metricCount(shape, of, selection)
    const rows = await reader.query(query, params)
    const sum = (counts: readonly (readonly bigint[])[]) => counts.flat().reduce((total, each) => total + each, 0n)
    return { good: sum(rows.map(({ good }) => good)), valid: sum(rows.map(({ valid }) => valid)) }
  }
  const least = await count(metric)
  const most = await count({ ...metric, sure: metric.possible, possible: metric.sure })
  return { goodAtLeast: least.good, goodAtMost: most.good, valid: least.valid }
}
