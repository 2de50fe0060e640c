import { asksValue } from '../../slo-specs/schema/kinds/measured.ts'
import type { Slo } from '../../slo-specs/schema/model.ts'
import type { Reader } from '../../store/client/store.ts'
import { type MetricBounds, readMetricBounds } from '../../store/queries/metric-bounds.ts'
import { verdictOf } from '../budget/verdict-of.ts'
import { floorToMinuteMs } from '../budget/windows.ts'
import type { GoodBounds } from './reports.ts'

/** Raw points are read for it, so no more than a day's, however long the SLO's window is. */
const longestSeconds = 86_400

/** Is good decided by what metrics measured, of which histograms tell only the bucket? */
export function judgesValues({ indicator }: Slo): boolean {
  if (indicator.kind !== 'ratio' || indicator.signal !== 'metrics') return false
  const judged = indicator.good ?? indicator.bad
  return judged !== undefined && asksValue(judged.expression)
}

/** Reads the bounds of SLOs over the last whole minutes; asked again within the minute, it says what it read. */
export function createBoundsReader(reader: Reader) {
  let read = { toMs: 0, bounds: new Map<string, Promise<MetricBounds>>() }
  return async (slo: Slo, nowMs: number): Promise<GoodBounds | null> => {
    const { indicator } = slo
    if (indicator.kind !== 'ratio' || !judgesValues(slo)) return null
    const toMs = floorToMinuteMs(nowMs)
    if (read.toMs !== toMs) read = { toMs, bounds: new Map() }
    const { bounds } = read
    const range = { fromMs: toMs - Math.min(slo.window.seconds, longestSeconds) * 1000, toMs }
    const key = `${slo.name}\0${slo.revision}`
    const known = bounds.get(key) ?? readMetricBounds(reader, verdictOf(slo, indicator), range)
    bounds.set(key, known)
    try {
      return { ...range, ...(await known) }
    } catch (error) {
      bounds.delete(key)
      throw error
    }
  }
}
