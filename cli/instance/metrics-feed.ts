import { type LayerSample, readLayerSamples, scrapedLayers } from '../../api/metrics/layer-samples.ts'
import { type RatioSample, readRatioSamples } from '../../api/metrics/ratio-samples.ts'
import type { MetricsSnapshot } from '../../api/metrics/slo-metrics.ts'
import type { RatioReports } from '../../compute/reports/ratio-reports.ts'
import type { Reports } from '../../compute/reports/reports.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/logger.ts'

const refreshMs = 5000
/** Also when nothing was worked out: alerts and deleted rows change without it. */
const longestMs = 60_000
/** Where it burns costs a query for each SLO and layer. */
const layersEveryMs = 60_000
/** A ratio over an hour moves slowly, and its layers cost as much. */
const ratiosEveryMs = 15_000

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
  let layersReadMs = 0
  let ratiosReadMs = 0

  const layersOf = async (statuses: MetricsSnapshot['statuses'], nowMs: number): Promise<readonly LayerSample[]> => {
    const isDue = snapshot.layers.length === 0 || nowMs - layersReadMs >= layersEveryMs
    if (!isDue) return snapshot.layers
    const withData = statuses.filter(({ status }) => status !== 'no-data')
    const samples = await readLayerSamples(reports, withData, scrapedLayers, nowMs)
    layersReadMs = nowMs
    return samples
  }

  const ratiosOf = async (nowMs: number): Promise<readonly RatioSample[]> => {
    if (nowMs - ratiosReadMs < ratiosEveryMs) return snapshot.ratios
    const samples = await readRatioSamples(ratios, { ...scrapedLayers, ratios: scrapedLayers.slos }, nowMs)
    ratiosReadMs = nowMs
    return samples
  }

  const refresh = async () => {
    const due = { edition: edition(), atMs: clock.now() }
    if (due.edition === read.edition && due.atMs - read.atMs < longestMs) return
    const [statuses, firing, totals, ofRatios] = await Promise.all([
      reports.listStatuses(),
      reports.episodes({ state: 'firing', limit: 1000 }),
      reports.totals(sinceMs),
      ratiosOf(due.atMs),
    ])
    // Of SLOs that are another process's, that process tells.
    const own = new Set(reports.specs().slos.map(({ name }) => name))
    snapshot = {
      statuses,
      firing: firing.filter(({ slo }) => own.has(slo)),
      totals,
      layers: await layersOf(statuses, due.atMs),
      ratios: ofRatios,
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
