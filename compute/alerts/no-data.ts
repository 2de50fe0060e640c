import type { Slo } from '../../slo-specs/schema/model.ts'
import { fire, newEpisode, type Step } from './advance.ts'
import type { AlertEpisode } from './episode.ts'

/**
 * Has a signal that had data been silent for at least the SLO's no-data-after? A signal that never had data is not silent but
 * not there yet, which its coverage says.
 */
export function isSilent(slo: Pick<Slo, 'noDataAfterSeconds'>, lastDataAtMs: number | null, nowMs: number): boolean {
  if (lastDataAtMs === null || slo.noDataAfterSeconds === 0) return false
  return nowMs - lastDataAtMs >= slo.noDataAfterSeconds * 1000
}

/**
 * One step of the no-data alert of an SLO, apart from its burn alerts: it opens after `noDataAfterSeconds` of silence and is over
 * as soon as data is back.
 * @param lastDataAtMs the newest event of the SLO's signal; null when it never had one.
 */
export function advanceNoData(
  before: AlertEpisode | null,
  slo: Pick<Slo, 'name' | 'service' | 'noDataAfterSeconds'>,
  lastDataAtMs: number | null,
  nowMs: number,
): Step {
  const silent = isSilent(slo, lastDataAtMs, nowMs)
  if (before?.state === 'firing') {
    if (silent) return { episode: before, transitions: [] }
    return { episode: { ...before, state: 'resolved', resolvedAtMs: nowMs }, transitions: ['resolved'] }
  }
  if (!silent) return { episode: before, transitions: [] }
  const opened = newEpisode({ slo: slo.name, service: slo.service }, 'no-data', nowMs)
  return { episode: fire(opened, nowMs), transitions: ['pending', 'fired'] }
}
