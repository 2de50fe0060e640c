import { formatDuration } from '../../../lib/durations.ts'
import type { Ladder, LadderSeverity } from '../ladder.ts'
import type { AlertRule, BurnCondition } from '../model.ts'

/**
 * The rules that a ladder means for an SLO window: factor = spend × SLO window ÷ long window (semantics: alerts). A condition that
 * looks back further than the SLO's own window would judge what the promise has already forgotten, so it is left out.
 */
export function ladderRules(ladder: Ladder, windowSeconds: number, targets: readonly string[]): AlertRule[] {
  return ladder.severities
    .map(severity => ({ ...ruleOf(ladder, severity, targets), conditions: ladderConditions(severity, windowSeconds) }))
    .filter(({ conditions }) => conditions.length > 0)
}

/** What a ladder says of a severity beside its conditions. */
export function ruleOf(ladder: Ladder, severity: LadderSeverity, targets: readonly string[]): AlertRule {
  return {
    severity: severity.severity,
    conditions: [],
    alertAfterSeconds: severity.alertAfterSeconds,
    keepFiringForSeconds: severity.keepFiringForSeconds,
    targets,
    evidence: ladder.evidence,
  }
}

function ladderConditions(severity: LadderSeverity, windowSeconds: number): BurnCondition[] {
  return severity.rungs
    .filter(({ longWindowSeconds }) => longWindowSeconds <= windowSeconds)
    .map(({ spendPercent, longWindowSeconds, shortWindowSeconds }) => ({
      name: `${severity.severity}-${formatDuration(longWindowSeconds)}`,
      op: 'gte',
      // One division of integers: 2 % of 30 days in 1 hour is 14.4 and nothing beside it.
      threshold: (spendPercent * windowSeconds) / (100 * longWindowSeconds),
      longWindowSeconds,
      shortWindowSeconds,
      budgetShare: spendPercent / 100,
      minCoverage: severity.minCoverage,
    }))
}

/** Conditions of one severity are one alert: ORed, telling everybody that any of them tells. */
export function mergeRules(rules: readonly AlertRule[]): AlertRule[] {
  const merged = new Map<string, AlertRule>()
  for (const rule of rules) {
    const before = merged.get(rule.severity)
    if (before === undefined) {
      merged.set(rule.severity, rule)
      continue
    }
    const { tellsResolved: _, ...both } = before
    const isSilent = before.tellsResolved === false && rule.tellsResolved === false
    const names = new Set(before.conditions.map(({ name }) => name))
    merged.set(rule.severity, {
      ...both,
      ...(isSilent ? { tellsResolved: false } : {}),
      conditions: [...before.conditions, ...rule.conditions.filter(({ name }) => !names.has(name))],
      targets: [...new Set([...before.targets, ...rule.targets])],
    })
  }
  return [...merged.values()]
}
