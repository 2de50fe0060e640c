import type { Clock } from '../../lib/clock.ts'
import type { Writer } from '../../store/client/store.ts'
import { metricLookBackSeconds } from '../../store/queries/metric-counts.ts'
import type { BoundStatement, MinuteSelection } from '../../store/queries/minute-selection.ts'
import { ratioSteps } from '../../store/queries/ratio-steps.ts'
import { computedMinutes, dirtyMinutes, recentArrivals, staleSteps } from '../../store/queries/rollup-progress.ts'
import { finalSettings, rollupSteps, stepSeconds, totalMinutes } from '../../store/queries/rollup-steps.ts'
import { allShards, type ShardSelection } from '../../store/queries/shards.ts'
import { rollupProgressTable } from '../../store/tables/rollup-progress.ts'
import { selectMinutes } from './minute-ranges.ts'
import { askedOf, minuteStatements, type VerdictPlan } from './verdict-plan.ts'
import { createVersionNotes } from './version-notes.ts'

export interface RollupOptions {
  readonly writer: Writer
  readonly clock: Clock
  readonly nextVersion: () => bigint
  /** Raw rows a tick reads at most (a minute is never split); the rest waits, newest minutes first. */
  readonly rowsATick: number
  /** How long raw events are kept: older minutes are never computed again, or numbers would shrink. */
  readonly rawRetentionSeconds: number
  /** Whose SLOs the plan has; all by default. */
  readonly shards?: ShardSelection
}

export interface RollupResult {
  readonly minutes: number
  readonly rows: number
  readonly hours: number
  readonly days: number
  /** Dirty minutes left for the next tick. */
  readonly pendingMinutes: number
}

interface DirtyMinute {
  readonly signal: string
  readonly minute: number
  readonly rows: number
  readonly settled: boolean
}

export interface Rollup {
  /** Computes dirty minutes for all SLOs and ratios of the plan, then the hours and days they lie in. */
  tick(plan: VerdictPlan): Promise<RollupResult>
  /** True while this minute of the signal is known to be dirty and will be computed for every SLO. */
  isPending(signal: string, minute: number): boolean
}

/** Looked at again on top of the time since the last look, for clocks and inserts that are not in step. */
const overlapSeconds = 60
/** Totals are made for minutes of so long a time at once: bounds parameters and the daily partitions written. */
const totalsSpanSeconds = 7 * 86_400

/**
 * The dirty-minute roll-up. A minute is dirty when its arrivals differ from what it was computed with, so late and out-of-order
 * events correct the past and nothing is computed twice for nothing. Progress is written after the numbers: a crash in between
 * repeats work and changes none of them.
 */
export function createRollup(options: RollupOptions): Rollup {
  const { writer, clock, nextVersion, shards = allShards } = options
  const mine = { shards: shards.count, held: [...shards.held] }
  const pending = new Map<string, DirtyMinute>()
  let lookedAt: { readonly monotonicMs: number; readonly signals: string } | undefined
  let completeHour = -1
  const key = (signal: string, minute: number) => `${signal} ${minute}`
  const run = (bound: BoundStatement) => writer.execute(bound.statement, bound.params, { settings: finalSettings })
  const versionNotes = createVersionNotes(clock, run)

  const detect = async (plan: VerdictPlan, oldest: number) => {
    const signals = plan.signals.join()
    const monotonicMs = performance.now()
    const since = lookedAt?.signals === signals ? Math.ceil((monotonicMs - lookedAt.monotonicMs) / 1000) : undefined
    const lookBackSeconds = since === undefined ? 0 : since + overlapSeconds
    if (lookBackSeconds > 0) {
      const [recent] = await writer.query(recentArrivals, { lookBackSeconds })
      if (recent?.blocks === 0) {
        lookedAt = { monotonicMs, signals }
        return
      }
    }
    const rows = await writer.query(dirtyMinutes, { oldest, signals: [...plan.signals], lookBackSeconds, ...mine })
    for (const row of rows) pending.set(key(row.signal, row.minute), row)
    lookedAt = { monotonicMs, signals }
  }

  const take = (plan: VerdictPlan): DirtyMinute[] => {
    const wanted = [...pending.values()]
      .filter(({ signal }) => plan.signals.includes(signal))
      .sort((a, b) => b.minute - a.minute)
    const taken: DirtyMinute[] = []
    let rows = 0
    for (const minute of wanted) {
      if (taken.length > 0 && rows + minute.rows > options.rowsATick) break
      taken.push(minute)
      rows += minute.rows
    }
    return taken
  }

  /**
   * What a point of a metric counted is told by the point before it: a late point changes the minute that the next one of its series lies
   * in. Minutes computed before are computed again with it, and stand in the progress as they did.
   */
  const following = async (dirty: readonly DirtyMinute[]): Promise<DirtyMinute[]> => {
    const known = new Set(dirty.map(({ minute }) => minute))
    const ends = dirty.map(({ minute }) => minute + metricLookBackSeconds)
    const range = { signal: 'metrics', from: Math.min(...known), to: Math.max(...ends) + 60 }
    return (await writer.query(computedMinutes, range)).flatMap(({ minute, ...computed }) => {
      if (known.has(minute) || !ends.some(end => minute <= end && minute > end - metricLookBackSeconds)) return []
      return { signal: 'metrics', minute, ...computed }
    })
  }

  const compute = async (plan: VerdictPlan, taken: readonly DirtyMinute[]) => {
    const touched: number[] = []
    for (const signal of plan.signals) {
      const own = taken.filter(each => each.signal === signal)
      if (own.length === 0) continue
      const dirty = signal === 'metrics' ? [...own, ...(await following(own))] : own
      const asked = askedOf(plan, signal)
      const version = nextVersion()
      for (const selection of selectMinutes(dirty)) {
        for (const statement of minuteStatements(asked, selection, version)) await run(statement)
        if (signal === 'traces') await versionNotes.note(selection, settledWithin(selection, dirty))
      }
      const minutes = dirty.map(({ minute }) => minute)
      for (const chunk of chunksWithin(minutes, totalsSpanSeconds)) await run(totalMinutes(chunk, version, shards))
      await writer.insert(
        rollupProgressTable,
        dirty.flatMap(({ minute, rows, settled }) =>
          progressRows(shards, { step: 'minute', signal, start: minute, rows: BigInt(rows), settled, version }),
        ),
      )
      for (const { minute } of own) pending.delete(key(signal, minute))
      touched.push(...minutes)
    }
    return touched
  }

  const makeSteps = async (plan: VerdictPlan, step: 'hour' | 'day', starts: readonly number[]) => {
    if (starts.length === 0) return
    const seen = nextVersion()
    const version = nextVersion()
    for (const chunk of chunksWithin(starts, step === 'hour' ? totalsSpanSeconds : 31 * 86_400)) {
      for (const statement of rollupSteps(step, chunk, version, shards)) await run(statement)
      if (plan.sides.length > 0) await run(ratioSteps(step, chunk, version, shards))
      await writer.insert(
        rollupProgressTable,
        chunk.flatMap(start => progressRows(shards, { step, signal: '', start, rows: seen, settled: true, version })),
      )
    }
  }

  const stale = async (step: 'hour' | 'day', before: number, oldest: number) =>
    (await writer.query(staleSteps, { step, finer: step === 'hour' ? 'minute' : 'hour', before, oldest, ...mine })).map(
      ({ start }) => start,
    )

  const tick = async (plan: VerdictPlan): Promise<RollupResult> => {
    const nowSeconds = Math.floor(clock.now() / 60_000) * 60
    const oldest = Math.max(0, nowSeconds - options.rawRetentionSeconds)
    await detect(plan, oldest)
    const taken = take(plan)
    const computed = await compute(plan, taken)
    // The running minute counts: an hour it completes is read as an hour from now on.
    const end = nowSeconds + 60
    const before = { hour: end - (end % 3600), day: end - (end % 86_400) }
    const lookAll = completeHour !== before.hour
    const oldestDay = oldest - (oldest % 86_400)
    const startsOf = async (step: 'hour' | 'day', touched: readonly number[]) => {
      const complete = [...new Set(touched.map(time => time - (time % stepSeconds[step])))]
      const found = lookAll ? await stale(step, before[step], oldestDay) : []
      return [...new Set([...complete.filter(start => start < before[step]), ...found])].sort((a, b) => b - a)
    }
    const hours = await startsOf('hour', computed)
    await makeSteps(plan, 'hour', hours)
    const days = await startsOf('day', hours)
    await makeSteps(plan, 'day', days)
    completeHour = before.hour
    const rows = taken.reduce((sum, minute) => sum + minute.rows, 0)
    return { minutes: taken.length, rows, hours: hours.length, days: days.length, pendingMinutes: pending.size }
  }

  return { tick, isPending: (signal, minute) => pending.has(key(signal, minute)) }
}

interface Progress {
  readonly step: 'minute' | 'hour' | 'day'
  readonly signal: string
  readonly start: number
  readonly rows: bigint
  readonly settled: boolean
  readonly version: bigint
}

/** One row a shard: another process may have another part of them next. */
function progressRows({ count, held }: ShardSelection, { step, signal, start, rows, settled, version }: Progress) {
  return held.map(Shard => ({
    Step: step,
    Signal: signal,
    Start: start,
    Rows: rows,
    Settled: settled ? 1 : 0,
    LastShard: count - 1,
    Shard,
    Version: version,
  }))
}

/** Whether all minutes of the selection had settled. */
function settledWithin({ fromMs, toMs }: MinuteSelection, dirty: readonly DirtyMinute[]): boolean {
  return dirty.every(({ minute, settled }) => settled || minute * 1000 < fromMs || minute * 1000 >= toMs)
}

/** Groups of starts no further apart than `spanSeconds`, so that one statement reads (and writes) few partitions. */
function chunksWithin(starts: readonly number[], spanSeconds: number): number[][] {
  const groups = new Map<number, number[]>()
  for (const start of starts) {
    const group = Math.floor(start / spanSeconds)
    groups.set(group, [...(groups.get(group) ?? []), start])
  }
  return [...groups.values()]
}
