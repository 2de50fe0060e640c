import { type LayerName, layerColumns } from '../../slo-specs/schema/layers.ts'
import type { Slo } from '../../slo-specs/schema/model.ts'
import type { Reader } from '../../store/client/store.ts'
import { coarsestWithin, cutRange } from '../../store/queries/rollup-steps.ts'
import { layerSeries, layerSums } from '../../store/queries/slo-series.ts'
import { burnRate, sliOf, targetOf } from '../budget/budget.ts'
import type { Counts } from '../budget/status.ts'
import { added, noCounts } from './counting.ts'
import { endOfMinuteMs, minuteRange, stepsOf } from './range.ts'
import type { HistoryRange, LayerRow, LayerSeries, TimeRange } from './reports.ts'

/** More lines than this are no graph: the values with the most bad, then the most valid events are drawn. */
const mostSeries = 50

/** One row a value; the empty value stands for events that do not say. */
export async function readLayers(
  reader: Reader,
  slo: Slo,
  by: LayerName,
  range: TimeRange,
  nowMs: number,
): Promise<LayerRow[]> {
  const { fromMs, toMs } = minuteRange(range, nowMs)
  const key = { slo: slo.name, revision: slo.revision }
  const values = new Map<string, Counts>()
  for (const row of await layerSums(reader, key, cutRange(fromMs, toMs, 'day'), layerColumns[by]))
    values.set(row.value, added(values.get(row.value) ?? noCounts, row))
  const target = targetOf(slo.objectiveText)
  const allBad = [...values.values()].reduce((sum, { good, valid }) => sum + valid - good, 0n)
  return [...values]
    .sort(([aValue, a], [bValue, b]) => worst(a, b) || (aValue < bValue ? -1 : 1))
    .map(([value, { good, valid }]) => ({
      value,
      good,
      valid,
      sli: sliOf({ good, valid }),
      burnRate: burnRate(target, { good, valid }),
      shareOfBad: allBad === 0n ? 0 : Number(valid - good) / Number(allBad),
    }))
}

/** One series a value with a point every step, steps without events included. */
export async function readLayerHistory(
  reader: Reader,
  slo: Slo,
  by: LayerName,
  range: HistoryRange,
  nowMs: number,
): Promise<LayerSeries[]> {
  const steps = stepsOf(range, nowMs)
  const [firstMs] = steps
  if (firstMs === undefined) return []
  const { stepSeconds } = range
  const endMs = Math.min((steps.at(-1) ?? firstMs) + stepSeconds * 1000, endOfMinuteMs(nowMs))
  const pieces = cutRange(firstMs, endMs, coarsestWithin(stepSeconds))
  const key = { slo: slo.name, revision: slo.revision }
  const buckets = { stepSeconds, offset: 0 }
  const values = new Map<string, { total: Counts; points: Map<number, Counts> }>()
  for (const { value, at, good, valid } of await layerSeries(reader, key, pieces, layerColumns[by], buckets)) {
    const series = values.get(value) ?? { total: noCounts, points: new Map<number, Counts>() }
    series.total = added(series.total, { good, valid })
    series.points.set(at, added(series.points.get(at) ?? noCounts, { good, valid }))
    values.set(value, series)
  }
  return [...values]
    .sort(([aValue, a], [bValue, b]) => worst(a.total, b.total) || (aValue < bValue ? -1 : 1))
    .slice(0, mostSeries)
    .map(([value, { points }]) => ({
      value,
      points: steps.map(atMs => {
        const { good, valid } = points.get(atMs / 1000) ?? noCounts
        return { atMs, good, valid, sli: sliOf({ good, valid }) }
      }),
    }))
}

/** Most bad events first, then most events. */
function worst(a: Counts, b: Counts): number {
  const bad = b.valid - b.good - (a.valid - a.good)
  if (bad !== 0n) return bad > 0n ? 1 : -1
  return b.valid === a.valid ? 0 : b.valid > a.valid ? 1 : -1
}
