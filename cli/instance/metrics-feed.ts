import { type LayerSample, readLayerSamples, scrapedLayers } from '../../api/metrics/layer-samples.ts'
import { type RatioSample, readRatioLayerSamples, readRatioSamples } from '../../api/metrics/ratio-samples.ts'
import type { MetricsSnapshot } from '../../api/metrics/slo-metrics.ts'
import type { RatioReports } from '../../compute/reports/ratio-reports.ts'
import type { Reports } from '../../compute/reports/reports.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/logger.ts'

const refreshMs = 5000
/** Also when nothing was worked out: alerts and deleted rows change without it. */
const longestMs = 60_000
/** Where it burns, and ratios by layer, cost a query for each SLO or ratio and layer. */
const layersEveryMs = 60_000

/** Keeps the numbers of the Prometheus series at hand, so that a scrape never waits for a query. */
export function createMetricsFeed(options: {
  readonly reports: Reports
  readonly ratios: RatioReports
  /** Another number once the numbers have been worked out anew; until then there is nothing to read. */
  readonly edition: () => number
  readonly clock: Clock
  readonly logger: Logger
}) {
  const { reports, ratios, edition, clock, logger } = options
  const sinceMs = clock.now()
  let snapshot: MetricsSnapshot = { statuses: [], firing: [], totals: new Map(), layers: [], ratios: [] }
  const stopping = new AbortController()
  let running: Promise<void> = Promise.resolve()

  let read = { edition: -1, atMs: 0 }
  let layersRead = read
  let byLayer: { readonly slos: readonly LayerSample[]; readonly ratios: readonly RatioSample[] } = {
    slos: [],
    ratios: [],
  }

  const readByLayer = async (statuses: MetricsSnapshot['statuses'], due: typeof read) => {
    const isEmpty = byLayer.slos.length + byLayer.ratios.length === 0
    if (!isEmpty && due.atMs - layersRead.atMs < layersEveryMs) return byLayer
    const withData = statuses.filter(({ status }) => status !== 'no-data')
    byLayer = {
      slos: await readLayerSamples(reports, withData, scrapedLayers, due.atMs),
      ratios: await readRatioLayerSamples(ratios, { ...scrapedLayers, ratios: scrapedLayers.slos }, due.atMs),
    }
    layersRead = due
    return byLayer
  }

  const refresh = async () => {
    const due = { edition: edition(), atMs: clock.now() }
    const isNew = due.edition !== read.edition || due.atMs - read.atMs >= longestMs
    const hasNewLayers = due.edition !== layersRead.edition && due.atMs - layersRead.atMs >= layersEveryMs
    if (!isNew && !hasNewLayers) return
    const [statuses, firing, totals, ofRatios] = await Promise.all([
      reports.listStatuses(),
      reports.episodes({ state: 'firing', limit: 1000 }),
      reports.totals(sinceMs),
      readRatioSamples(ratios),
    ])
    const layers = await readByLayer(statuses, due)
    // Of SLOs that are another process's, that process tells.
    const own = new Set(reports.specs().slos.map(({ name }) => name))
    snapshot = {
      statuses,
      firing: firing.filter(({ slo }) => own.has(slo)),
      totals,
      layers: layers.slos,
      ratios: [...ofRatios, ...layers.ratios],
    }
    read = due
  }

  const run = async () => {
    while (!stopping.signal.aborted) {
      await refresh().catch(error => logger.error({ err: error }, 'the metrics keep their former values'))
      await clock.sleep(refreshMs, stopping.signal)
    }
  }

  return {
    snapshot: () => snapshot,
    start: () => {
      running = run()
    },
    stop: () => {
      stopping.abort()
      return running
    },
  }
}
