import { type EventSource, metrics } from './event-sources.ts'
import { metricLookBackSeconds } from './metric-counts.ts'
import { hasValue, levels } from './metric-levels.ts'
import { layerSql, rawColumn } from './minute-selection.ts'

/** Points of metrics as events, for what adds them up: `value` is what a gauge measured, or what a counter counted since its point before. */
export const pointSource: EventSource = {
  ...metrics,
  intrinsics: { ...metrics.intrinsics, value: 'Counted' },
}

/** A series' points belong together: same sender, name, attributes, and counted from the same start. */
const series =
  'cityHash64(ServiceName, MetricName, mapSort(ResourceAttributes), ScopeName, mapSort(Attributes), StartTimeUnix, AggregationTemporality)'
/** By way of its shortest text, so that differences are exact. */
const decimal = 'toDecimal256OrNull(toString(Value), 18)'
const noPoint = "tuple(0, toDateTime(0), toDecimal256OrNull('0', 18))"
const [delta, cumulative] = [1, 2]
/** A point that comes twice counts once. */
const isRepeated = 'Before.1 = 1 AND Before.2 = TimeUnix AND Before.3 = Reached'
const isFirst = `(Before.1 = 0 OR Before.2 + ${metricLookBackSeconds} < TimeUnix)`
/** The first point of a series counts what it says was counted since its start, if that was not too long ago to have been seen. */
const beganLately = `toUnixTimestamp(StartTimeUnix) > 0 AND StartTimeUnix < TimeUnix AND StartTimeUnix + ${metricLookBackSeconds} >= TimeUnix`
/** NULL for a point that counts nothing new. A counter that falls was set back. */
const counted = `multiIf(
        AggregationTemporality = ${delta}, if(${isRepeated}, NULL, Reached),
        ${isFirst}, if(${beganLately}, Reached, NULL),
        Reached < Before.3, Reached,
        Reached - Before.3)`

/**
 * A table expression with one row a point of gauges and sums within the parameters fromMs and toMs. Points of histograms are not among them.
 * @param read SQL of the points that are wanted; it does not ask for `value`.
 */
export function metricPoints(read: string, layerColumns: readonly string[]): string {
  const layers = layerSql(layerColumns).kept.map(rawColumn)
  const columns = ['TimeUnix', 'MetricName', 'ServiceName', 'ResourceAttributes', 'Attributes', 'Synthetic', ...layers]
  const kept = [...new Set(columns)].join(', ')
  const within = (lookBack: string) =>
    `TimeUnix >= fromUnixTimestamp64Milli({fromMs:Int64}${lookBack}, 'UTC') AND TimeUnix < fromUnixTimestamp64Milli({toMs:Int64}, 'UTC')`
  const measured = levels.map(
    ({ table, only }) => `SELECT ${kept}, ${decimal} AS Counted
    FROM ${table} WHERE ${within('')} AND ${read} AND ${only}`,
  )
  return `(
    ${measured.join('\n    UNION ALL\n    ')}
    UNION ALL
    SELECT ${kept}, ${counted} AS Counted
    FROM (
      SELECT *, lagInFrame(tuple(1, TimeUnix, Reached), 1, ${noPoint}) OVER (
        PARTITION BY Series ORDER BY TimeUnix, Reached ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS Before
      FROM (
        SELECT ${kept}, StartTimeUnix, AggregationTemporality, ${series} AS Series, ${decimal} AS Reached
        FROM otel_metrics_sum
        WHERE ${within(` - ${metricLookBackSeconds * 1000}`)} AND ${read} AND ${hasValue} AND isFinite(Value) AND Value >= 0
          AND IsMonotonic AND AggregationTemporality IN (${delta}, ${cumulative})
      )
    )
    WHERE Counted IS NOT NULL
  )`
}
