import type { NotificationTarget, Slo, SpecSet } from '../../slo-specs/schema/model.ts'
import { exactJson } from '../../store/tables/alerts.ts'
import type { AlertEpisode, AlertSeverity } from '../alerts/episode.ts'
import type { Notice } from '../alerts/notice.ts'
import type { SloEpisodes } from '../alerts/slo-alerts.ts'
import type { SloStatus } from '../budget/status.ts'

const severities = ['page', 'ticket', 'no-data'] as const

/** Those of the episodes that have to be stored again. */
export function changedEpisodes(before: SloEpisodes, after: SloEpisodes): AlertEpisode[] {
  return severities.flatMap(severity => {
    const episode = after[severity]
    return episode !== undefined && isChanged(before[severity], episode) ? [episode] : []
  })
}

/** Those that go on: pending or firing. */
export function openOnly(episodes: SloEpisodes): SloEpisodes {
  return Object.fromEntries(
    Object.entries(episodes).filter(([, { state }]) => state === 'pending' || state === 'firing'),
  )
}

/** The evidence of a pending episode changes with every evaluation; what a restart needs is in these. */
function isChanged(before: AlertEpisode | undefined, after: AlertEpisode): boolean {
  if (before === undefined || before.pendingSinceMs !== after.pendingSinceMs) return true
  const keys = ['state', 'quietSinceMs', 'frozen', 'inhibited'] as const
  return keys.some(key => before[key] !== after[key])
}

/** Who is told of an alert: the targets of its rule; of silence, those that routes name for it, else those of every rule of the SLO. */
export function targetsOf(specs: SpecSet, slo: Slo, severity: AlertSeverity): readonly NotificationTarget[] {
  const rules = severity === 'no-data' ? slo.alerts : slo.alerts.filter(rule => rule.severity === severity)
  const ofRules = rules.flatMap(({ targets }) => targets)
  const names = new Set(severity === 'no-data' ? (slo.noDataTargets ?? ofRules) : ofRules)
  return specs.targets.filter(({ name }) => names.has(name))
}

export function noticeOf(
  slo: Slo | undefined,
  episode: AlertEpisode,
  status: SloStatus | undefined,
  createdAtMs: number,
): Omit<Notice, 'action'> {
  return {
    episode,
    sloDisplayName: slo?.displayName ?? '',
    objectiveText: slo?.objectiveText ?? '',
    windowText: slo?.window.text ?? '',
    sli: status?.sli ?? null,
    budgetRemainingRatio: status?.errorBudget.remainingRatio ?? episode.budgetRemainingRatio,
    runbook: slo?.runbook ?? '',
    createdAtMs,
  }
}

export function episodeRow(episode: AlertEpisode, version: bigint) {
  return {
    Slo: episode.slo,
    Severity: episode.severity,
    StartedAt: episode.pendingSinceMs ?? episode.firedAtMs ?? 0,
    Service: episode.service,
    State: episode.state,
    DedupKey: episode.dedupKey,
    PendingSince: episode.pendingSinceMs,
    FiredAt: episode.firedAtMs,
    ResolvedAt: episode.resolvedAtMs,
    QuietSince: episode.quietSinceMs,
    Frozen: episode.frozen ? 1 : 0,
    Inhibited: episode.inhibited ? 1 : 0,
    BudgetRemainingRatio: episode.budgetRemainingRatio,
    SuspectVersion: episode.suspectVersion,
    Evidence: exactJson(episode.evidence),
    BurningLayers: exactJson(episode.burningLayers),
    Version: version,
  }
}
