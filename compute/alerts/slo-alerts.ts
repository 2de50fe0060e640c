import type { Slo } from '../../slo-specs/schema/model.ts'
import type { SloStatus } from '../budget/status.ts'
import { advance, type Transition } from './advance.ts'
import { evaluateConditions } from './conditions.ts'
import type { AlertEpisode, AlertSeverity } from './episode.ts'
import { advanceNoData, isSilent } from './no-data.ts'

/** The open (or just resolved) episodes of one SLO, at most one a severity. */
export type SloEpisodes = Readonly<Partial<Record<AlertSeverity, AlertEpisode>>>

/** Somebody has to be told. */
export interface AlertNotice {
  readonly action: 'trigger' | 'resolve'
  readonly episode: AlertEpisode
}

export interface SloStep {
  readonly episodes: SloEpisodes
  /** Episodes that changed in this step, with what happened. */
  readonly changes: readonly { readonly episode: AlertEpisode; readonly transitions: readonly Transition[] }[]
  readonly notices: readonly AlertNotice[]
}

/**
 * One step of all alerts of one SLO. The page inhibits the ticket: a ticket that fires while the page is firing is shown, not
 * notified; when the page is over and the ticket still fires, the ticket is notified then. A ticket notified before the page
 * fired stays notified, and its resolve is sent.
 * @param status what the SLO's windows say now (`statusFrom`).
 * @param lastDataAtMs the newest event of the SLO's signal; null when it never had one.
 */
export function advanceSlo(
  before: SloEpisodes,
  slo: Slo,
  status: SloStatus,
  lastDataAtMs: number | null,
  nowMs: number,
): SloStep {
  const observed = {
    slo: slo.name,
    service: slo.service,
    budgetRemainingRatio: status.valid === 0n ? null : status.errorBudget.remainingRatio,
    silent: isSilent(slo, lastDataAtMs, nowMs),
  }
  const steps = new Map<AlertSeverity, { episode: AlertEpisode | null; transitions: readonly Transition[] }>()
  for (const rule of slo.alerts) {
    const conditions = evaluateConditions(rule, slo, status.burnRates)
    steps.set(rule.severity, advance(before[rule.severity] ?? null, { ...observed, conditions }, rule, nowMs))
  }
  for (const severity of ['page', 'ticket'] as const) {
    if (!steps.has(severity)) steps.set(severity, withoutRule(before[severity] ?? null, nowMs))
  }
  steps.set('no-data', advanceNoData(before['no-data'] ?? null, slo, lastDataAtMs, nowMs))
  return settle(before, steps)
}

/** The rule is gone from the specs: nothing can hold any more, so what was open is over. */
function withoutRule(episode: AlertEpisode | null, nowMs: number) {
  if (episode?.state === 'pending') return { episode: null, transitions: ['cancelled'] as const }
  if (episode?.state !== 'firing') return { episode, transitions: [] }
  const resolved = { ...episode, state: 'resolved' as const, resolvedAtMs: nowMs }
  return { episode: resolved, transitions: ['resolved'] as const }
}

function settle(
  before: SloEpisodes,
  steps: ReadonlyMap<AlertSeverity, { episode: AlertEpisode | null; transitions: readonly Transition[] }>,
): SloStep {
  const episodes: Partial<Record<AlertSeverity, AlertEpisode>> = {}
  const changes: { episode: AlertEpisode; transitions: readonly Transition[] }[] = []
  const notices: AlertNotice[] = []
  const pageFires = steps.get('page')?.episode?.state === 'firing'
  for (const [severity, { episode: stepped, transitions }] of steps) {
    const was = before[severity]
    const episode = severity === 'ticket' ? inhibitedBy(pageFires, stepped, transitions) : stepped
    if (episode !== null) episodes[severity] = episode
    const changed = episode ?? (was === undefined ? null : { ...was, state: 'inactive' as const })
    if (changed !== null && (transitions.length > 0 || changed.inhibited !== (was?.inhibited ?? false)))
      changes.push({ episode: changed, transitions })
    const notice = episode === null ? null : noticeOf(was, episode, transitions)
    if (notice !== null) notices.push(notice)
  }
  return { episodes, changes, notices }
}

/** Inhibited from the moment it fires until the page is over; what ends while inhibited was never told. */
function inhibitedBy(pageFires: boolean, ticket: AlertEpisode | null, transitions: readonly Transition[]) {
  if (ticket === null || ticket.state !== 'firing') return ticket
  const inhibited = pageFires && (transitions.includes('fired') || ticket.inhibited)
  return { ...ticket, inhibited }
}

function noticeOf(
  was: AlertEpisode | undefined,
  episode: AlertEpisode,
  transitions: readonly Transition[],
): AlertNotice | null {
  const released = was?.inhibited === true && !episode.inhibited && episode.state === 'firing'
  if ((transitions.includes('fired') && !episode.inhibited) || released) return { action: 'trigger', episode }
  if (transitions.includes('resolved') && !episode.inhibited) return { action: 'resolve', episode }
  return null
}
