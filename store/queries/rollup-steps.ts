import { z } from 'zod'
import { layerTupleColumns } from '../tables/layer-tuple.ts'
import type { BoundStatement } from './minute-selection.ts'
import { allShards, type ShardSelection, shardCondition } from './shards.ts'

export type RollupStep = 'minute' | 'hour' | 'day'

/** Time column of each step's tables and how a time of the finer step is brought to it. */
export const stepColumns: Readonly<Record<RollupStep, string>> = { minute: 'Minute', hour: 'Hour', day: 'Day' }
export const stepSeconds: Readonly<Record<RollupStep, number>> = { minute: 60, hour: 3600, day: 86_400 }

/** What each step is made from. */
export const finerStep = { day: 'hour', hour: 'minute' } as const

/** SQL of the beginning of the hour or day that a time of the finer step lies in. */
export function startOf(step: 'hour' | 'day', time: string): string {
  return step === 'hour' ? `toStartOfHour(${time})` : `toDateTime(toStartOfDay(${time}), 'UTC')`
}

/** Latest version of every row; partitions whose rows are already merged need no look for others. */
export const finalSettings = { do_not_merge_across_partitions_select_final: 1 } as const

/** Restricts a statement to some revisions, for their history. */
export interface RevisionSelection {
  readonly slos: readonly string[]
  readonly revisions: readonly string[]
}

/** What a step is made for: some revisions, or all of the SLOs of some shards. */
export type StepScope = RevisionSelection | ShardSelection

const anyParams = z.record(z.string(), z.unknown())

const onlySome = (column: string) => ` AND (${column}, Revision) IN (
  SELECT r.1, r.2 FROM (SELECT arrayJoin(arrayZip({slos:Array(String)}, {revisions:Array(String)})) AS r))`

interface StepStatement {
  readonly name: string
  /** With the parameters starts, from, to and version; `only` in a comment is where the scope goes. */
  readonly sql: string
  readonly starts: readonly number[]
  readonly step: RollupStep
  readonly version: bigint
  readonly scope: StepScope
  /** Column with the name that shards and revisions go by. */
  readonly column?: string
}

export function boundStep({ name, sql, starts, step, version, scope, column = 'Slo' }: StepStatement): BoundStatement {
  const only =
    'count' in scope
      ? shardCondition(scope, column)
      : { sql: onlySome(column), params: { slos: scope.slos, revisions: scope.revisions } }
  const params = {
    starts,
    from: Math.min(...starts),
    to: Math.max(...starts) + stepSeconds[step],
    version,
    ...only.params,
  }
  return { statement: { name, sql: sql.replace('/*only*/', only.sql), params: anyParams }, params }
}

/** The totals (`slo_minute`) of the given minutes from their layer rows. */
export function totalMinutes(
  minutes: readonly number[],
  version: bigint,
  scope: StepScope = allShards,
): BoundStatement {
  const sql = `INSERT INTO slo_minute (Slo, Revision, Minute, Good, Valid, Version)
SELECT Slo, Revision, Minute AS At, sum(Good), sum(Valid), {version:UInt64} FROM sli_minute FINAL
WHERE Minute >= toDateTime({from:UInt32}, 'UTC') AND Minute < toDateTime({to:UInt32}, 'UTC')
  AND toUnixTimestamp(Minute) IN {starts:Array(UInt32)}/*only*/
GROUP BY Slo, Revision, At`
  return boundStep({ name: 'total-minutes', sql, starts: minutes, step: 'minute', version, scope })
}

/** Hours from minutes, or days from hours, with layers and in total. Sums of sums of integers: the same in any order. */
export function rollupSteps(
  step: 'hour' | 'day',
  starts: readonly number[],
  version: bigint,
  scope: StepScope = allShards,
): readonly BoundStatement[] {
  const column = stepColumns[step]
  const finer = finerStep[step]
  const time = stepColumns[finer]
  const begin = startOf(step, time)
  const where = `WHERE ${time} >= toDateTime({from:UInt32}, 'UTC') AND ${time} < toDateTime({to:UInt32}, 'UTC')
  AND toUnixTimestamp(${begin}) IN {starts:Array(UInt32)}/*only*/`
  const layers = layerTupleColumns.join(', ')
  const layered = `INSERT INTO sli_${step} (Slo, Revision, ${column}, ${layers}, Good, Valid, Version)
SELECT Slo, Revision, ${begin} AS At, ${layers}, sum(Good), sum(Valid), {version:UInt64} FROM sli_${finer} FINAL
${where}
GROUP BY Slo, Revision, At, ${layers}`
  const totals = `INSERT INTO slo_${step} (Slo, Revision, ${column}, Good, Valid, Version)
SELECT Slo, Revision, ${begin} AS At, sum(Good), sum(Valid), {version:UInt64} FROM slo_${finer} FINAL
${where}
GROUP BY Slo, Revision, At`
  return [
    boundStep({ name: `rollup-${step}`, sql: layered, starts, step, version, scope }),
    boundStep({ name: `total-${step}`, sql: totals, starts, step, version, scope }),
  ]
}

/** A stretch of time read at one resolution; milliseconds since the epoch, `toMs` exclusive, both aligned to the resolution. */
export interface RangePiece {
  readonly resolution: RollupStep
  readonly fromMs: number
  readonly toMs: number
}

/**
 * Cuts `[fromMs, toMs)` (whole minutes) into pieces: rows of `coarsest` inside, finer ones at the edges. Coarse rows exist only for
 * complete hours and days, so `toMs` must not lie beyond the end of the running minute.
 */
export function cutRange(fromMs: number, toMs: number, coarsest: RollupStep): readonly RangePiece[] {
  if (fromMs >= toMs) return []
  if (coarsest === 'minute') return [{ resolution: 'minute', fromMs, toMs }]
  const size = stepSeconds[coarsest] * 1000
  const first = Math.ceil(fromMs / size) * size
  const last = Math.floor(toMs / size) * size
  const finer = finerStep[coarsest]
  if (first >= last) return cutRange(fromMs, toMs, finer)
  return [
    ...cutRange(fromMs, first, finer),
    { resolution: coarsest, fromMs: first, toMs: last },
    ...cutRange(last, toMs, finer),
  ]
}

/** The coarsest step whose rows never straddle a boundary of buckets of so many seconds. */
export function coarsestWithin(...bucketSeconds: readonly number[]): RollupStep {
  const fits = (step: RollupStep) => bucketSeconds.every(seconds => seconds % stepSeconds[step] === 0)
  if (fits('day')) return 'day'
  return fits('hour') ? 'hour' : 'minute'
}
