import { z } from 'zod'
import { int64 } from '../client/columns.ts'
import { bucketEnds } from './filter-fields.ts'
import { isLeftOut, type LeftOut } from './left-out.ts'
import { hasValue, levels } from './metric-levels.ts'
import { shareSums } from './metric-shares.ts'
import type { MetricVerdict } from './metric-verdict.ts'
import { type BoundStatement, layeredInsert, layerSql, type MinuteSelection } from './minute-selection.ts'
import { bindPlaceholders } from './placeholders.ts'
import type { VerdictShape } from './verdict-shapes.ts'

/**
 * How far back the point before a point is looked for. What a cumulative series counted over a longer pause belongs to no minute that
 * could be told, and is left out; late points change minutes up to this much later.
 */
export const metricLookBackSeconds = 900

/** A series' points belong together: same sender, name, attributes and kind, and counted from the same start. */
const series = `cityHash64(ServiceName, MetricName, mapSort(ResourceAttributes), ScopeName, mapSort(Attributes), Start, Temporality)`
/** Beyond 2^53 doubles are no integers any more. */
const isCount = `${hasValue} AND isFinite(Value) AND Value >= 0 AND Value <= 9007199254740992`
const times = 'toUnixTimestamp(TimeUnix) AS Time, toUnixTimestamp(StartTimeUnix) AS Start'
const temporality = { delta: 1, level: 100, explicit: 200, exponential: 300 } as const

/**
 * One row a point: Whole (and Rest, in millionths) is what it counted, Sure and SureRest how much of it is good for certain, Possible how
 * much may be. Buckets tells apart points whose buckets differ. Temporality is OpenTelemetry's (1 delta, 2 cumulative), with a
 * hundred added a kind.
 */
function pointsOf(verdict: MetricVerdict, carried: string): string {
  const { exact, read } = verdict
  const where = `WHERE TimeUnix >= toDateTime({oldest:UInt32}) AND TimeUnix < toDateTime({until:UInt32}) AND ${read}`
  const common = `${times}, (${verdict.total}) AS InTotal${carried}`
  const ofGood = (amount: string) => `if(${exact}, ${amount}, 0)`
  const row = (table: string, kind: string, columns: readonly string[], only: string) => {
    const names = ['Whole', 'Rest', 'Sure', 'SureRest', 'Possible', 'Buckets']
    const listed = names.map((name, index) => `${columns[index]} AS ${name}`).join(', ')
    return `SELECT ${common}, ${kind} AS Temporality, ${series} AS Series, ${listed}
      FROM ${table} ${where} AND ${only}`
  }
  const one = `toUInt64(1)`
  const nothing = 'toUInt64(0)'
  const level = [one, nothing, `toUInt64(${exact})`, nothing, `toUInt64(${exact})`, 'cityHash64(Value)']
  const whole = 'toUInt64(floor(Value))'
  const rest = 'toUInt64(round((Value - floor(Value)) * 1000000))'
  const counter = [whole, rest, ofGood(whole), ofGood(rest), ofGood(whole), nothing].map(sql => `toUInt64(${sql})`)
  const histogram = (table: string, kind: number, buckets: Buckets) => {
    const among = (condition: string) =>
      `arraySum((Bucket, ${bucketEnds.above}, ${bucketEnds.upTo}) -> if(${condition}, Bucket, 0), ${buckets.counts}, ${buckets.above}, ${buckets.upTo})`
    const columns = [
      `greatest(Count, arraySum(${buckets.counts}))`,
      nothing,
      ...[`toUInt64(${among(verdict.sure)})`, nothing, `toUInt64(${among(verdict.possible)})`],
      buckets.key,
    ]
    return row(table, `AggregationTemporality + ${kind}`, columns, `${hasValue} AND AggregationTemporality IN (1, 2)`)
  }
  return [
    ...(verdict.asksValue
      ? levels.map(({ table, only }) => row(table, `${temporality.level}`, level, only))
      : [
          row(
            'otel_metrics_sum',
            'AggregationTemporality',
            counter,
            `${isCount} AND IsMonotonic AND AggregationTemporality IN (1, 2)`,
          ),
        ]),
    histogram('otel_metrics_histogram', temporality.explicit, explicitBuckets),
    histogram('otel_metrics_exponential_histogram', temporality.exponential, exponentialBuckets),
  ].join('\n      UNION ALL\n      ')
}

/** Counts of a histogram's buckets and the values that they lie between, as arrays of one length; `key` tells their layout. */
interface Buckets {
  readonly counts: string
  readonly above: string
  readonly upTo: string
  readonly key: string
}

/** Without buckets that fit together all that is known is how many there were. */
const areBuckets = 'length(BucketCounts) = length(ExplicitBounds) + 1'
const explicitBuckets: Buckets = {
  counts: `if(${areBuckets}, BucketCounts, [Count])`,
  above: `if(${areBuckets}, arrayConcat([-inf], ExplicitBounds), [-inf])`,
  upTo: `if(${areBuckets}, arrayConcat(ExplicitBounds, [inf]), [inf])`,
  key: 'cityHash64(ExplicitBounds)',
}

/** Where a bucket of an exponential histogram ends: base^(index + 1) with base = 2^(2^−scale). */
const powers = (counts: string, offset: string, plus: number) =>
  `arrayMap(i -> exp2((${offset} + i + ${plus}) * exp2(-Scale)), range(length(${counts})))`
/** Buckets of negative values include their far end: a hair further down, it lies above the lower end as everywhere else. */
const exponentialBuckets: Buckets = {
  counts: 'arrayConcat(NegativeBucketCounts, [ZeroCount], PositiveBucketCounts)',
  above: `arrayConcat(arrayMap(v -> -v * (1 + 1e-15), ${powers('NegativeBucketCounts', 'NegativeOffset', 1)}), [-5e-324], ${powers('PositiveBucketCounts', 'PositiveOffset', 0)})`,
  upTo: `arrayConcat(arrayMap(v -> -v, ${powers('NegativeBucketCounts', 'NegativeOffset', 0)}), [0.], ${powers('PositiveBucketCounts', 'PositiveOffset', 1)})`,
  key: 'cityHash64(Scale)',
}

const isDelta = `Temporality IN (${[1, temporality.level, temporality.explicit + 1, temporality.exponential + 1].join(', ')})`
/** The same point once more. */
const isRepeated = 'Before = tuple(1, Time, Whole, Rest, Sure, Possible, Buckets)'
/** However far a scan happens to reach back, a point from before the pause is none. */
const isFirst = `(Before.1 = 0 OR Before.2 + ${metricLookBackSeconds} < Time)`
/** The first point of a series counts what it says was counted since its start, if that was not too long ago to have been seen. */
const beganLately = `Start > 0 AND Start < Time AND Start + ${metricLookBackSeconds} >= Time`
/** A counter that falls was set back, whether it says so by a new start or not. */
const wasReset = 'Whole < Before.3'
const counts = { nothing: 0, all: 1, difference: 2 } as const

/** Good and valid of each selected minute (and layer tuple, when `hash` groups by one). */
function minuteSums(
  verdict: MetricVerdict,
  layers: { hash: string; carried: string; carriedOn: string; tuple: string; names: string },
): string {
  if (verdict.shareOf !== undefined) return shareSums(verdict, verdict.shareOf, layers)
  const told = 'Time, Whole, Rest, Sure, SureRest, Possible, Buckets, InTotal'
  const inTotal = (sum: string) => `sum(InTotal * (${sum}))`
  const whole = `multiIf(How = ${counts.all}, Whole, How = ${counts.difference}, toUInt64(Whole - Before.3), 0)`
  const rest = (column: string) => `if(How = ${counts.all} AND IsDelta, ${column}, 0)`
  // Where the buckets changed, what may have been good before is taken off: more cannot be sure to be new.
  const good = `multiIf(How = ${counts.all}, Sure, How = ${counts.difference},
      toUInt64(least(Whole - Before.3, greatest(Sure - if(Buckets = Before.7, Before.5, Before.6), 0))), 0)`
  const total = `toUInt64(${inTotal(whole)} + intDiv(${inTotal(rest('Rest'))}, 1000000))`
  const part = `toUInt64(sum(${good}) + intDiv(sum(${rest('SureRest')}), 1000000))`
  // Every bad event is an event, also where the metric of all events tells of fewer.
  const pair =
    verdict.apart === 'bad' ? 'greatest(Total, Part) AS Valid, Valid - Part AS Good' : 'Total AS Valid, Part AS Good'
  return `SELECT Minute, ${layers.names}${pair}
  FROM (
    SELECT toDateTime(intDiv(Time, 60) * 60) AS Minute, LayerHash${layers.tuple}, ${total} AS Total, ${part} AS Part
    FROM (
      SELECT ${told}, LayerHash${layers.carriedOn}, Before, IsDelta, multiIf(
        IsDelta, if(${isRepeated}, ${counts.nothing}, ${counts.all}),
        ${isFirst}, if(${beganLately}, ${counts.all}, ${counts.nothing}),
        ${wasReset}, ${counts.all},
        ${counts.difference}) AS How
      FROM (
        SELECT ${told}, Start, LayerHash${layers.carriedOn}, ${isDelta} AS IsDelta,
          lagInFrame(tuple(1, Time, Whole, Rest, Sure, Possible, Buckets), 1, tuple(0, 0, 0, 0, 0, 0, 0)) OVER (
            PARTITION BY Series ORDER BY Time, Whole, Rest, Sure, Possible, Buckets ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS Before
        FROM (
      ${pointsOf(verdict, `, ${layers.hash} AS LayerHash${layers.carried}`)}
        )
      )
      WHERE Time >= {from:UInt32}/*listed*/
    )
    GROUP BY Minute, LayerHash
  )`
}

function bindMetric(
  { list }: MetricVerdict,
  sql: string,
  { fromMs, toMs, minutes }: MinuteSelection,
  leftOut: LeftOut | undefined,
) {
  const bound = bindPlaceholders(sql, list, 'm')
  const from = fromMs / 1000
  const range = { from, until: toMs / 1000, oldest: Math.max(0, from - metricLookBackSeconds) }
  const listed = minutes === undefined ? '' : ' AND intDiv(Time, 60) * 60 IN {minutes:Array(UInt32)}'
  // A minute that begins within a correction is left out whole: what two points counted between them has no times of its own.
  const begin = 'toInt64(intDiv(Time, 60)) * 60000'
  const kept =
    leftOut === undefined ? '' : ` AND NOT ${isLeftOut(begin, '{froms:Array(Int64)}', '{untils:Array(Int64)}')}`
  return {
    sql: bound.sql.replace('/*listed*/', `${listed}${kept}`),
    params: { ...bound.params, ...range, ...(minutes === undefined ? {} : { minutes }), ...leftOut },
  }
}

const anyParams = z.record(z.string(), z.unknown())

/** The statement that counts the selected minutes of one verdict on metrics into `sli_minute`. */
export function metricScan(
  shape: VerdictShape,
  verdict: MetricVerdict,
  selection: MinuteSelection,
  version: bigint,
): BoundStatement {
  const layers = layerSql(shape.layerColumns)
  const { hash, carried, kept } = layers
  const sums = minuteSums(verdict, {
    hash,
    carried,
    carriedOn: kept.map(layer => `, Raw${layer}`).join(''),
    tuple: layers.tuple(layer => `Raw${layer}`),
    names: kept.map(layer => `Any${layer}, `).join(''),
  })
  // A minute whose points count nothing is written all the same: it may have counted something before a late point came.
  const text = `${layeredInsert}
SELECT {slo:String}, {revision:String}, Minute, ${layers.stored}, Good, Valid, {version:UInt64}
FROM (
  ${sums}
)`
  const { sql, params } = bindMetric(verdict, text, selection, shape.leftOut)
  const [member] = shape.members
  return {
    statement: { name: 'rollup-minutes-metric', sql, params: anyParams },
    params: { ...params, slo: member?.slo ?? '', revision: member?.revision ?? '', version },
  }
}

const minuteRow = z.object({ minute: z.number(), good: z.array(int64), valid: z.array(int64) })

/** The same without layers and without storing it. */
export function metricCount(shape: VerdictShape, verdict: MetricVerdict, selection: MinuteSelection) {
  const text = `SELECT toUnixTimestamp(Minute) AS minute, [Good] AS good, [Valid] AS valid
FROM (
  ${minuteSums(verdict, { hash: '0', carried: '', carriedOn: '', tuple: '', names: '' })}
)
WHERE Valid > 0 OR Good > 0 ORDER BY minute`
  const { sql, params } = bindMetric(verdict, text, selection, shape.leftOut)
  return {
    query: { name: 'count-minutes-metric', sql, params: anyParams, row: minuteRow },
    params,
    members: shape.members,
  }
}
