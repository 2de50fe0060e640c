import type { Slo, SpecSet } from '../../slo-specs/schema/model.ts'
import type { Reader } from '../../store/client/store.ts'
import type { Retained } from '../../store/queries/oldest-rows.ts'
import { cutRange } from '../../store/queries/rollup-steps.ts'
import { triggersOf } from '../../store/tables/notifications.ts'
import type { AlertEpisode } from '../alerts/episode.ts'
import { budgetShare, type CountedBySlo } from '../budget/budget-share.ts'
import { countedSlos, type WeighedCounts } from '../budget/composite.ts'
import { floorToMinuteMs } from '../budget/windows.ts'
import { countingOf, noCounts } from './counting.ts'
import type { PeriodIncident } from './period-report.ts'
import { endOfMinuteMs } from './range.ts'
import type { Reports, TimeRange } from './reports.ts'

interface PageSources {
  readonly episodes: Reports['episodes']
  readonly nowMs: number
}

interface CostSources extends PageSources {
  readonly reader: Reader
  readonly specs: SpecSet
  readonly retained: Retained
}

/** Each costs a query. */
const mostTold = 100
const mostCounted = 1000

type FiredEpisode = AlertEpisode & { readonly firedAtMs: number }

/** Pages that were open at some time of the range, newest first; at most so many. */
async function pagesIn({ episodes }: PageSources, { fromMs, toMs }: TimeRange): Promise<FiredEpisode[]> {
  const found = await episodes({ severity: 'page', range: { fromMs, toMs }, limit: mostCounted })
  return found.filter((episode): episode is FiredEpisode => episode.firedAtMs !== null && episode.firedAtMs < toMs)
}

export async function countPages(sources: PageSources, range: TimeRange): Promise<number> {
  return (await pagesIn(sources, range)).length
}

/** The newest pages of a period with what each cost, the dearest first. @param whole what was counted in the period. */
export async function readIncidents(
  sources: CostSources,
  period: TimeRange,
  whole: CountedBySlo,
): Promise<{ readonly incidents: PeriodIncident[]; readonly omitted: number }> {
  const { reader, specs, nowMs } = sources
  const pages = await pagesIn(sources, period)
  const told = pages.slice(0, mostTold)
  const triggers =
    told.length === 0 ? [] : await reader.query(triggersOf, { dedupKeys: told.map(({ dedupKey }) => dedupKey) })
  const incidents: PeriodIncident[] = []
  for (const [index, episode] of told.entries()) {
    const { slo: name, service, dedupKey, firedAtMs, resolvedAtMs, suspectVersion, burningLayers } = episode
    const slo = specs.slos.find(candidate => candidate.name === name)
    const former = pages.slice(index + 1).find(page => page.slo === name)
    const range = spanOf(episode, former, period, nowMs)
    incidents.push({
      ...{ slo: name, service, dedupKey, firedAtMs, resolvedAtMs, suspectVersion, burningLayers },
      durationSeconds: ((resolvedAtMs ?? nowMs) - firedAtMs) / 1000,
      budgetShare: slo === undefined ? null : await shareOf(sources, slo, { period, whole }, range),
      paged: triggers.filter(trigger => trigger.dedupKey === dedupKey).map(({ target, state }) => ({ target, state })),
    })
  }
  const share = (incident: PeriodIncident) => incident.budgetShare ?? Number.NEGATIVE_INFINITY
  return { incidents: incidents.sort((a, b) => share(b) - share(a)), omitted: pages.length - told.length }
}

/**
 * When an incident burned: from the beginning of the window that it fired on, the shortest of those that held, but not before the end of the
 * SLO's former incident, so that none is charged with what another spent.
 */
function spanOf(
  { evidence, firedAtMs, resolvedAtMs }: FiredEpisode,
  former: FiredEpisode | undefined,
  period: TimeRange,
  nowMs: number,
): TimeRange {
  const windowSeconds = Math.min(...evidence.map(({ longWindowSeconds }) => longWindowSeconds))
  const beganMs = floorToMinuteMs(firedAtMs) - (evidence.length === 0 ? 0 : windowSeconds * 1000)
  const formerEndMs = former === undefined ? 0 : endOfMinuteMs(former.resolvedAtMs ?? former.firedAtMs)
  return {
    fromMs: Math.max(period.fromMs, beganMs, formerEndMs),
    toMs: Math.min(period.toMs, endOfMinuteMs(resolvedAtMs ?? nowMs)),
  }
}

async function shareOf(
  { reader, retained, nowMs }: CostSources,
  slo: Slo,
  { period, whole }: { readonly period: TimeRange; readonly whole: CountedBySlo },
  { fromMs, toMs }: TimeRange,
): Promise<number | null> {
  const hasSlices = countedSlos(slo).some(({ timeSlices }) => timeSlices !== undefined)
  if (!retained.isWhole(cutRange(fromMs, toMs, hasSlices ? 'minute' : 'day'))) return null
  const counted = new Map<string, WeighedCounts>()
  for (const part of countedSlos(slo))
    counted.set(part.name, await countingOf(reader, part, nowMs, retained).sum(fromMs, toMs))
  const wholeSeconds = (period.toMs - period.fromMs) / 1000
  return budgetShare(slo, { fromMs: period.fromMs, wholeSeconds, whole }, name => counted.get(name) ?? noCounts)
}
