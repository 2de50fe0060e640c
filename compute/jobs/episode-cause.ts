import type { Slo } from '../../slo-specs/schema/model.ts'
import type { Reader } from '../../store/client/store.ts'
import { cutRange } from '../../store/queries/rollup-steps.ts'
import { firstSeenVersions } from '../../store/queries/service-versions.ts'
import { allLayerSums } from '../../store/queries/slo-series.ts'
import { rankBurningLayers } from '../alerts/burning-layers.ts'
import type { AlertEpisode } from '../alerts/episode.ts'

/**
 * The episode with where it burns (the layers' bad events in the long window of its worst condition) and the version suspected:
 * the newest first seen within that window among the services with bad events, unless it is the first of its service at all.
 */
export async function withCause(reader: Reader, slo: Slo, episode: AlertEpisode, nowMs: number): Promise<AlertEpisode> {
  const seconds = Math.max(0, ...episode.evidence.map(({ longWindowSeconds }) => longWindowSeconds))
  if (seconds === 0) return episode
  const end = Math.ceil(nowMs / 60_000) * 60_000
  const from = Math.floor(nowMs / 60_000) * 60_000 - seconds * 1000
  const counts = await allLayerSums(reader, { slo: slo.name, revision: slo.revision }, cutRange(from, end, 'day'))
  const failing = counts.filter(({ layerColumn, good, valid }) => layerColumn === 'Service' && valid > good)
  const services = [...new Set([slo.service, ...failing.map(({ value }) => value)])].filter(service => service !== '')
  // To the end of the running minute, as the counts are: a clock that is ahead must not hide what it deployed.
  const versions = await reader.query(firstSeenVersions, { services, fromMs: from, toMs: end })
  const suspect = versions.filter(({ isFirst }) => !isFirst).at(-1)
  return { ...episode, burningLayers: rankBurningLayers(counts), suspectVersion: suspect?.version ?? null }
}
