import type { SloStatus } from '../../compute/budget/status.ts'
import type { Reports } from '../../compute/reports/reports.ts'
import { formatDuration } from '../../lib/durations.ts'
import type { LayerName } from '../../slo-specs/schema/layers.ts'

/** How one value of a layer does over a window. */
export interface LayerSample {
  readonly slo: string
  readonly service: string
  readonly window: string
  readonly layer: LayerName
  readonly value: string
  readonly sli: number | null
  readonly burnRate: number | null
}

/** Every label value is a series that Prometheus keeps: all three bounds multiply. */
export interface LayerSampleBounds {
  readonly layers: readonly LayerName[]
  /** Of the SLOs with the least budget left. */
  readonly slos: number
  /** Values of a layer, those with the most bad events. */
  readonly values: number
  readonly windowSeconds: number
}

/** Coarse layers only: their values are few and stay, while a pod's name would be a new series with every deployment. */
export const scrapedLayers: LayerSampleBounds = {
  layers: ['region', 'availability_zone', 'cluster', 'component'],
  slos: 10,
  values: 5,
  windowSeconds: 3600,
}

/** The worst values of a few layers of the first of `statuses`, which come worst first. One query for each SLO and layer: ask rarely. */
export async function readLayerSamples(
  reports: Pick<Reports, 'specs' | 'layers'>,
  statuses: readonly SloStatus[],
  bounds: LayerSampleBounds,
  nowMs: number,
): Promise<LayerSample[]> {
  const kept = new Map(reports.specs().slos.map(slo => [slo.name, slo.layers]))
  const range = { fromMs: nowMs - bounds.windowSeconds * 1000, toMs: nowMs }
  const window = formatDuration(bounds.windowSeconds)
  const samples: LayerSample[] = []
  for (const { name: slo, service } of statuses.slice(0, bounds.slos)) {
    for (const layer of bounds.layers.filter(candidate => kept.get(slo)?.includes(candidate))) {
      const rows = (await reports.layers(slo, layer, range)).filter(row => row.value !== '')
      for (const { value, sli, burnRate } of rows.slice(0, bounds.values))
        samples.push({ slo, service, window, layer, value, sli, burnRate })
    }
  }
  return samples
}
