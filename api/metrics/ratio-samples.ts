import type { Quotient } from '../../compute/budget/quotient.ts'
import type { RatioReports } from '../../compute/reports/ratio-reports.ts'
import { formatDuration } from '../../lib/durations.ts'
import type { LayerName } from '../../slo-specs/schema/layers.ts'
import type { LayerSampleBounds } from './layer-samples.ts'

/** A ratio over a window, in total or of one value of a layer. */
export interface RatioSample extends Pick<Quotient, 'value'> {
  readonly ratio: string
  readonly window: string
  readonly layer?: { readonly name: LayerName; readonly value: string }
}

type Bounds = Omit<LayerSampleBounds, 'slos'> & { readonly ratios: number }

/** Every ratio over its shortest window. */
export async function readRatioSamples(reports: Pick<RatioReports, 'values'>): Promise<RatioSample[]> {
  return (await reports.values()).flatMap(({ ratio, windows: [shortest] }) =>
    shortest === undefined
      ? []
      : [{ ratio: ratio.name, window: formatDuration(shortest.windowSeconds), value: shortest.value }],
  )
}

/** The first ratios by layer, the values with the greatest denominators. One query for each ratio and layer: ask rarely. */
export async function readRatioLayerSamples(
  reports: RatioReports,
  bounds: Bounds,
  nowMs: number,
): Promise<RatioSample[]> {
  const range = { fromMs: nowMs - bounds.windowSeconds * 1000, toMs: nowMs }
  const window = formatDuration(bounds.windowSeconds)
  const samples: RatioSample[] = []
  for (const { name: ratio, layers } of reports.ratios().slice(0, bounds.ratios)) {
    for (const layer of bounds.layers.filter(candidate => layers.includes(candidate))) {
      const rows = (await reports.layers(ratio, layer, range)).filter(({ layerValue }) => layerValue !== '')
      for (const { layerValue, value } of rows.slice(0, bounds.values))
        samples.push({ ratio, window, value, layer: { name: layer, value: layerValue } })
    }
  }
  return samples
}
