import type { Slo } from '../../slo-specs/schema/model.ts'
import type { Reader } from '../../store/client/store.ts'
import { coarsestWithin, cutRange } from '../../store/queries/rollup-steps.ts'
import { sloSeries } from '../../store/queries/slo-series.ts'
import { burnRate, remainingRatio, sliOf, targetOf } from '../budget/budget.ts'
import type { Counts } from '../budget/status.ts'
import { endOfMinuteMs, stepsOf } from './range.ts'
import type { HistoryPoint, HistoryRange } from './reports.ts'

/**
 * One point a step. The budget at the end of a step is that of the SLO's window ending there. The windows slide along the range,
 * so they are not read one by one: the first is read whole, and each further step adds what came in at its end and takes off what
 * left at the window's beginning. Integers: the result is the same as of reading each.
 */
export async function readHistory(
  reader: Reader,
  slo: Slo,
  range: HistoryRange,
  nowMs: number,
): Promise<HistoryPoint[]> {
  const steps = stepsOf(range, nowMs)
  const [firstMs] = steps
  if (firstMs === undefined) return []
  const { stepSeconds } = range
  const endMs = Math.min((steps.at(-1) ?? firstMs) + stepSeconds * 1000, endOfMinuteMs(nowMs))
  const windowMs = slo.window.seconds * 1000
  const key = { slo: slo.name, revision: slo.revision }
  const read = async (fromMs: number, toMs: number, originMs: number) => {
    const offset = (((originMs / 1000) % stepSeconds) + stepSeconds) % stepSeconds
    const pieces = cutRange(Math.max(0, fromMs), Math.max(0, toMs), coarsestWithin(stepSeconds, offset))
    return sumBuckets(await sloSeries(reader, key, pieces, { stepSeconds, offset }))
  }
  const entering = await read(firstMs, endMs, firstMs)
  const leaving = await read(firstMs - windowMs, endMs - windowMs, firstMs - windowMs)
  const whole = cutRange(Math.max(0, firstMs - windowMs), firstMs, 'day')
  const before = total(await sloSeries(reader, key, whole, { stepSeconds: 86_400, offset: 0 }))
  const target = targetOf(slo.objectiveText)
  const points: HistoryPoint[] = []
  let window = before
  for (const atMs of steps) {
    const counts = entering.get(atMs / 1000) ?? none
    const left = leaving.get((atMs - windowMs) / 1000) ?? none
    window = { good: window.good + counts.good - left.good, valid: window.valid + counts.valid - left.valid }
    points.push({
      atMs,
      ...counts,
      sli: sliOf(counts),
      burnRate: burnRate(target, counts),
      budgetRemainingRatio: window.valid === 0n ? null : remainingRatio(target, window),
    })
  }
  return points
}

const none: Counts = { good: 0n, valid: 0n }

/** A bucket may come once a resolution. */
function sumBuckets(rows: readonly (Counts & { readonly at: number })[]): Map<number, Counts> {
  const buckets = new Map<number, Counts>()
  for (const { at, good, valid } of rows) {
    const known = buckets.get(at) ?? none
    buckets.set(at, { good: known.good + good, valid: known.valid + valid })
  }
  return buckets
}

function total(rows: readonly Counts[]): Counts {
  return rows.reduce((sum, { good, valid }) => ({ good: sum.good + good, valid: sum.valid + valid }), none)
}
