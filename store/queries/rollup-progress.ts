import { z } from 'zod'
import { bool, int64, safeInteger } from '../client/columns.ts'
import { defineQuery } from '../client/query.ts'

/** How long after its arrival a block is trusted to be readable in the raw table as well as in the arrivals. */
const settleSeconds = 2

/** Of progress rows: how many shards there were when the row was written. */
const shardsThen = '(toUInt32(LastShard) + 1)'

/**
 * Minutes whose arrivals differ from what they were computed with, exactly, for any of the held shards; looked for among those that
 * something arrived for in the last `lookBackSeconds` of the engine's clock, or among all when that is 0. Newest first. A minute that was
 * computed while its newest block was still settling comes back once.
 *
 * Progress outlives a change of the number of shards: a shard `h` of `shards` is done when, for some number `n`, all shards of `n` are that
 * may share an SLO with it. Those are the n ÷ gcd whose number is congruent to `h` modulo the greatest common divisor.
 */
export const dirtyMinutes = defineQuery({
  name: 'dirty minutes',
  sql: `WITH candidates AS (
  SELECT DISTINCT Signal, Minute FROM arrivals
  WHERE Minute >= toDateTime({oldest:UInt32}, 'UTC') AND Signal IN {signals:Array(String)}
    AND ({lookBackSeconds:UInt32} = 0 OR InsertedAt > now64(3) - toIntervalSecond({lookBackSeconds:UInt32}))
)
SELECT arrived.Signal AS signal, toUnixTimestamp(arrived.Minute) AS minute, arrived.Total AS rows, arrived.IsSettled AS settled
FROM (
  SELECT Signal, Minute, sum(Rows) AS Total, max(InsertedAt) < now64(3) - toIntervalSecond(${settleSeconds}) AS IsSettled
  FROM arrivals WHERE (Signal, Minute) IN candidates GROUP BY Signal, Minute
) AS arrived
LEFT JOIN (
  SELECT Signal, Start, groupArray((Shards, Shard, Computed, WasSettled)) AS Parts
  FROM (
    SELECT Signal, Start, ${shardsThen} AS Shards, Shard, argMax(Rows, Version) AS Computed, argMax(Settled, Version) AS WasSettled
    FROM rollup_progress WHERE Step = 'minute' AND (Signal, Start) IN candidates GROUP BY Signal, Start, Shards, Shard
  )
  GROUP BY Signal, Start
) AS done ON arrived.Signal = done.Signal AND arrived.Minute = done.Start
WHERE NOT arrayAll(
  held -> arrayExists(
    n -> arrayCount(
      part -> part.1 = n AND part.2 % gcd(n, {shards:UInt32}) = held % gcd(n, {shards:UInt32})
        AND part.3 = arrived.Total AND (part.4 = 1 OR NOT arrived.IsSettled),
      done.Parts) = n / gcd(n, {shards:UInt32}),
    arrayDistinct(done.Parts.1)),
  {held:Array(UInt32)})
ORDER BY minute DESC`,
  params: z.object({
    oldest: z.number(),
    signals: z.array(z.string()),
    lookBackSeconds: z.number(),
    shards: z.number(),
    held: z.array(z.number()),
  }),
  row: z.object({ signal: z.string(), minute: z.number(), rows: safeInteger, settled: bool }),
})

/** Minutes of a signal that were computed before, of `[from, to)`, with what they were computed with. */
export const computedMinutes = defineQuery({
  name: 'computed minutes',
  sql: `SELECT toUnixTimestamp(Start) AS minute, argMax(Rows, Version) AS rows, argMax(Settled, Version) AS settled
FROM rollup_progress
WHERE Step = 'minute' AND Signal = {signal:String}
  AND Start >= toDateTime({from:UInt32}, 'UTC') AND Start < toDateTime({to:UInt32}, 'UTC')
GROUP BY minute ORDER BY minute`,
  params: z.object({ signal: z.string(), from: z.number(), to: z.number() }),
  row: z.object({ minute: z.number(), rows: safeInteger, settled: bool }),
})

/** Has anything arrived lately? Asked first: in a quiet system it is all that a tick asks. */
export const recentArrivals = defineQuery({
  name: 'recent arrivals',
  sql: 'SELECT count() AS blocks FROM arrivals WHERE InsertedAt > now64(3) - toIntervalSecond({lookBackSeconds:UInt32})',
  params: z.object({ lookBackSeconds: z.number() }),
  row: z.object({ blocks: safeInteger }),
})

/**
 * Complete hours (or days) that were never made for a held shard, or were made before the newest of its minutes (or hours) was. What was
 * made for more SLOs (fewer shards, a divisor of as many) counts as well. What is counted elsewhere (`prometheus/…`) has its hours and days made
 * where it is stored.
 */
export const staleSteps = defineQuery({
  name: 'stale steps',
  sql: `SELECT DISTINCT toUnixTimestamp(finer.Begin) AS start
FROM (
  SELECT if({step:String} = 'hour', toStartOfHour(Start), toDateTime(toStartOfDay(Start), 'UTC')) AS Begin, max(Version) AS Newest,
    arrayJoin({held:Array(UInt32)}) AS Held
  FROM rollup_progress
  WHERE Step = {finer:String} AND Start < toDateTime({before:UInt32}, 'UTC') AND Start >= toDateTime({oldest:UInt32}, 'UTC')
    AND position(Signal, '/') = 0
    AND Shard % gcd(${shardsThen}, {shards:UInt32}) = Held % gcd(${shardsThen}, {shards:UInt32})
  GROUP BY Begin, Held
) AS finer
LEFT JOIN (
  SELECT Start, max(Rows) AS Made, arrayJoin({held:Array(UInt32)}) AS Held FROM rollup_progress
  WHERE Step = {step:String} AND {shards:UInt32} % ${shardsThen} = 0 AND Held % ${shardsThen} = Shard
  GROUP BY Start, Held
) AS coarse ON finer.Begin = coarse.Start AND finer.Held = coarse.Held
WHERE finer.Newest > coarse.Made
ORDER BY start DESC`,
  params: z.object({
    step: z.enum(['hour', 'day']),
    finer: z.enum(['minute', 'hour']),
    before: z.number(),
    oldest: z.number(),
    shards: z.number(),
    held: z.array(z.number()),
  }),
  row: z.object({ start: z.number() }),
})

/** The highest version ever written, so that a clock set back does not make new rows lose against old ones, and the store's clock. */
export const highestVersion = defineQuery({
  name: 'highest version',
  sql: `SELECT toUnixTimestamp64Milli(now64(3)) AS nowMs, greatest((SELECT max(Version) FROM rollup_progress), (SELECT max(Version) FROM alerts),
  (SELECT max(Version) FROM notifications), (SELECT max(Version) FROM spec_revisions),
  (SELECT max(Version) FROM ratio_revisions)) AS version`,
  params: z.object({}),
  row: z.object({ version: int64, nowMs: safeInteger }),
})

/**
 * Minutes in which anything of each signal arrived, counted from each of the given starts up to `until`: what coverage is
 * made of. Minutes that are not computed yet do not count: numbers and coverage belong together. `first` is the first of them from
 * `oldest` on, which may lie before all starts.
 */
export const coveredMinutes = defineQuery({
  name: 'covered minutes',
  sql: `SELECT Signal AS signal, arrayMap(begin -> arrayCount(start -> start >= begin, Starts), {starts:Array(UInt32)}) AS minutes, arrayMin(Starts) AS first
FROM (
  SELECT Signal, groupUniqArray(toUnixTimestamp(Start)) AS Starts FROM rollup_progress
  WHERE Step = 'minute' AND Start >= toDateTime({oldest:UInt32}, 'UTC') AND Start < toDateTime({until:UInt32}, 'UTC')
  GROUP BY Signal
)`,
  params: z.object({ starts: z.array(z.number()), oldest: z.number(), until: z.number() }),
  row: z.object({ signal: z.string(), minutes: z.array(z.number()), first: z.number() }),
})

/** Days (UTC) that hold raw events of the signals, newest first, with how many. */
export const arrivedDays = defineQuery({
  name: 'arrived days',
  sql: `SELECT toUnixTimestamp(toDateTime(toStartOfDay(Minute), 'UTC')) AS day, sum(Rows) AS rows
FROM arrivals WHERE Signal IN {signals:Array(String)} AND Minute >= toDateTime({oldest:UInt32}, 'UTC')
GROUP BY day ORDER BY day DESC`,
  params: z.object({ signals: z.array(z.string()), oldest: z.number() }),
  row: z.object({ day: z.number(), rows: safeInteger }),
})

/** Rows of each minute of a range, for cutting work into pieces of bounded size. */
export const arrivedMinutes = defineQuery({
  name: 'arrived minutes',
  sql: `SELECT toUnixTimestamp(Minute) AS minute, sum(Rows) AS rows
FROM arrivals WHERE Signal IN {signals:Array(String)}
  AND Minute >= toDateTime({from:UInt32}, 'UTC') AND Minute < toDateTime({to:UInt32}, 'UTC')
GROUP BY minute ORDER BY minute`,
  params: z.object({ signals: z.array(z.string()), from: z.number(), to: z.number() }),
  row: z.object({ minute: z.number(), rows: safeInteger }),
})

/** A signal that has been silent for longer is not missed: there are no rows to look through for it. */
const missedSeconds = 400 * 86_400

/** The newest minute of each signal that holds events and does not lie in the future (`until` exclusive). */
export const newestMinutes = defineQuery({
  name: 'newest minutes',
  sql: `SELECT Signal AS signal, toUnixTimestamp(max(Start)) AS minute FROM rollup_progress
WHERE Step = 'minute' AND Start < toDateTime({until:UInt32}, 'UTC') AND Start >= toDateTime({until:UInt32} - ${missedSeconds}, 'UTC') GROUP BY Signal`,
  params: z.object({ until: z.number() }),
  row: z.object({ signal: z.string(), minute: z.number() }),
})
