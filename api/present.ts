import { evaluateConditions } from '../compute/alerts/conditions.ts'
import type { AlertEpisode } from '../compute/alerts/episode.ts'
import { policyState } from '../compute/budget/budget-policy.ts'
import type { KnownPart, SloStatus } from '../compute/budget/status.ts'
import { correctionsIn } from '../compute/reports/corrections.ts'
import type {
  Attribution,
  GoodBounds,
  HistoryPoint,
  NotificationRecord,
  TimeRange,
} from '../compute/reports/reports.ts'
import type { AlertRule, Slo } from '../slo-specs/schema/model.ts'
import type { TimeSpan } from '../slo-specs/schema/time-spans.ts'
import { isoTime, isoTimeOrNull } from './iso-time.ts'

/** The last step from compute's values to what goes over the wire: names and times change, numbers never do. */

export function presentSlo(status: SloStatus, slo: Slo | undefined) {
  const { window, errorBudget, evaluatedAtMs, burnRates, data, ...rest } = status
  return {
    ...rest,
    data: presentData(data),
    displayName: slo?.displayName ?? status.name,
    description: slo?.description ?? '',
    objectiveText: slo?.objectiveText ?? String(status.objective),
    window: { kind: window.kind, text: window.text, from: isoTime(window.fromMs), to: isoTime(window.toMs) },
    errorBudget: {
      allowed: errorBudget.allowed,
      consumed: errorBudget.consumed,
      remaining: errorBudget.remaining,
      remainingRatio: errorBudget.remainingRatio,
      exhaustedAt: isoTimeOrNull(errorBudget.exhaustedAtMs),
      exhaustedAtDayRate: isoTimeOrNull(errorBudget.exhaustedAtDayRateMs),
    },
    burnRates: burnRates.map(({ slices: _, ...burn }) => burn),
    layers: slo?.layers ?? [],
    budgetPolicy: policyState(slo ?? {}, status),
    corrections: slo === undefined ? [] : presentCorrections(slo, { fromMs: window.fromMs, toMs: window.toMs }),
    members: slo === undefined ? [] : presentMembers(status, slo),
    alerts: slo === undefined ? [] : slo.alerts.map(rule => presentRule(rule, slo, status.burnRates)),
    runbook: slo?.runbook ?? '',
    evaluatedAt: isoTime(evaluatedAtMs),
  }
}

export function presentData(data: KnownPart['data']) {
  return data === null ? null : { from: isoTime(data.fromMs), to: isoTime(data.toMs) }
}

/** A range that was asked for, and which part of it is known; nothing of what is not there. */
export function presentKnownRange({ fromMs, toMs }: TimeRange, known: KnownPart | undefined) {
  const { coverage, data } = known ?? { coverage: 0, data: null }
  return { from: isoTime(fromMs), to: isoTime(toMs), coverage, data: presentData(data) }
}

export function presentBounds(bounds: GoodBounds | null) {
  if (bounds === null) return null
  const { fromMs, toMs, ...counts } = bounds
  return { from: isoTime(fromMs), to: isoTime(toMs), ...counts }
}

/** The corrections that touch a range of time. */
export function presentCorrections(slo: Slo, range: TimeSpan) {
  return correctionsIn(slo, range).map(({ spans, ...correction }) => ({
    ...correction,
    spans: spans.map(({ fromMs, toMs }) => ({ from: isoTime(fromMs), to: isoTime(toMs) })),
  }))
}

function presentRule(rule: AlertRule, slo: Slo, burnRates: SloStatus['burnRates']) {
  const verdicts = evaluateConditions(rule, slo, burnRates)
  return {
    severity: rule.severity,
    conditions: rule.conditions.map((condition, index) => ({
      name: condition.name,
      op: condition.op,
      threshold: condition.threshold,
      longWindowSeconds: condition.longWindowSeconds,
      shortWindowSeconds: condition.shortWindowSeconds ?? null,
      budgetShare: condition.budgetShare ?? null,
      verdict: verdicts[index]?.verdict ?? 'no-data',
    })),
  }
}

function presentMembers({ members }: SloStatus, { indicator }: Slo) {
  if (indicator.kind !== 'composite') return []
  const found = new Map(members.map(member => [member.name, member]))
  return indicator.members.flatMap(({ slo, weight }) => {
    const member = found.get(slo.name)
    return member === undefined ? [] : [{ ...member, displayName: slo.displayName, weight: Number(weight) }]
  })
}

export function presentPoint({ atMs, ...point }: HistoryPoint) {
  return { at: isoTime(atMs), ...point }
}

export function presentEpisode({ pendingSinceMs, firedAtMs, resolvedAtMs, quietSinceMs: _, ...episode }: AlertEpisode) {
  return {
    ...episode,
    pendingSince: isoTimeOrNull(pendingSinceMs),
    firedAt: isoTimeOrNull(firedAtMs),
    resolvedAt: isoTimeOrNull(resolvedAtMs),
  }
}

export function presentNotification({ createdAtMs, sentAtMs, ...record }: NotificationRecord) {
  return { ...record, createdAt: isoTime(createdAtMs), sentAt: isoTimeOrNull(sentAtMs) }
}

export function presentAttribution({ fromMs: _from, toMs: _to, versions, ...attribution }: Attribution) {
  return {
    ...attribution,
    bad: attribution.valid - attribution.good,
    versions: versions && {
      from: isoTime(versions.fromMs),
      to: isoTime(versions.toMs),
      values: versions.values,
      others: versions.others,
    },
  }
}
