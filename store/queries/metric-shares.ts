import { levels } from './metric-levels.ts'
import type { MetricVerdict } from './metric-verdict.ts'

/** A ready-made share has no events to weigh: a series' minute weighs as many of these. */
const partsOfAMinute = 1_000_000

/** Unlike a counter's, the points of a new process go on where the former one's ended. */
const series = 'cityHash64(ServiceName, MetricName, mapSort(ResourceAttributes), ScopeName, mapSort(Attributes))'

const goodParts = {
  good: `toUInt64(floor(Value * ${partsOfAMinute}))`,
  bad: `toUInt64(${partsOfAMinute} - ceil(Value * ${partsOfAMinute}))`,
} as const

/** The last point of a minute tells it; where several have its time, the one with the least good. */
const lastGood = 'argMax(GoodParts, tuple(Time, -toInt64(GoodParts)))'

/**
 * Good and valid of each selected minute (and layer tuple) from points whose value is the share of good (or bad) events, rounded towards
 * bad. Values that are no share count nothing.
 */
export function shareSums(
  { read }: MetricVerdict,
  shareOf: 'good' | 'bad',
  layers: { hash: string; carried: string; carriedOn: string; tuple: string; names: string },
): string {
  const points = levels.map(
    ({
      table,
      only,
    }) => `SELECT toUnixTimestamp(TimeUnix) AS Time, ${series} AS Series, ${goodParts[shareOf]} AS GoodParts,
          ${layers.hash} AS LayerHash${layers.carried}
        FROM ${table}
        WHERE TimeUnix >= toDateTime({from:UInt32}) AND TimeUnix < toDateTime({until:UInt32}) AND ${read}
          AND ${only} AND Value >= 0 AND Value <= 1`,
  )
  return `SELECT Minute, ${layers.names}Good, Valid
  FROM (
    SELECT Minute, LayerHash${layers.tuple}, sum(LastGood) AS Good, toUInt64(count() * ${partsOfAMinute}) AS Valid
    FROM (
      SELECT toDateTime(intDiv(Time, 60) * 60) AS Minute, LayerHash${layers.carriedOn}, ${lastGood} AS LastGood
      FROM (
        ${points.join('\n        UNION ALL\n        ')}
      )
      WHERE Time >= {from:UInt32}/*listed*/
      GROUP BY Minute, Series, LayerHash${layers.carriedOn}
    )
    GROUP BY Minute, LayerHash
  )`
}
