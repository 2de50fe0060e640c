import type { AlertRule, BurnCondition, Slo } from '../../slo-specs/schema/model.ts'
import { allowedErrorRate, targetOf } from '../budget/budget.ts'
import type { BurnRate, Counts } from '../budget/status.ts'
import { burnsAt, passes, ratesOf } from '../budget/thresholds.ts'
import { binomialTail } from './binomial-tail.ts'
import type { ConditionEvidence } from './episode.ts'

/** Why a condition does not hold although its burn rates pass, or that they do not; `holds` when it does. */
export type ConditionVerdict = 'holds' | 'below' | 'no-data' | 'uncovered' | 'too-few-valid' | 'too-little-evidence'

export interface ConditionResult {
  readonly condition: string
  readonly verdict: ConditionVerdict
  /** Burn over both windows passes the threshold, whatever the evidence. */
  readonly burns: boolean
  /** Does the short window (the only one of a plain condition) pass the threshold? Null without data. */
  readonly shortPasses: boolean | null
  readonly evidence: ConditionEvidence
}

/** What of an SLO its conditions depend on. */
export type JudgedSlo = Pick<Slo, 'objectiveText' | 'minValid'>

/**
 * Judges every condition of a rule on the burn rates of an SLO's windows (`SloStatus.burnRates`): both burn rates at or above the
 * factor, enough of the long window covered, and enough evidence on low traffic (semantics: alerts).
 */
export function evaluateConditions(rule: AlertRule, slo: JudgedSlo, burnRates: readonly BurnRate[]): ConditionResult[] {
  return rule.conditions.map(condition => {
    const { long, short } = ratesOf(condition, burnRates)
    const shortRate = condition.shortWindowSeconds === undefined ? (long?.rate ?? null) : (short?.rate ?? null)
    return {
      condition: condition.name,
      verdict: verdictOf(condition, rule, slo, burnRates),
      burns: burnsAt(condition, burnRates),
      shortPasses: shortRate === null ? null : passes(condition.op, shortRate, condition.threshold),
      evidence: {
        condition: condition.name,
        threshold: condition.threshold,
        longWindowSeconds: condition.longWindowSeconds,
        longBurnRate: long?.rate ?? null,
        longGood: long?.good ?? 0n,
        longValid: long?.valid ?? 0n,
        shortWindowSeconds: condition.shortWindowSeconds ?? null,
        shortBurnRate: condition.shortWindowSeconds === undefined ? null : (short?.rate ?? null),
      },
    }
  })
}

function verdictOf(
  condition: BurnCondition,
  rule: AlertRule,
  slo: JudgedSlo,
  burnRates: readonly BurnRate[],
): ConditionVerdict {
  const { long, short } = ratesOf(condition, burnRates)
  const shortIsMissing = condition.shortWindowSeconds !== undefined && (short?.rate ?? null) === null
  if (long === undefined || long.rate === null || shortIsMissing) return 'no-data'
  if (!burnsAt(condition, burnRates)) return 'below'
  if (long.coverage < condition.minCoverage) return 'uncovered'
  if (long.valid < BigInt(slo.minValid)) return 'too-few-valid'
  const asksForEvidence = rule.evidence !== undefined && (condition.op === 'gt' || condition.op === 'gte')
  return asksForEvidence && !isMoreThanBadLuck(rule.evidence, slo, long) ? 'too-little-evidence' : 'holds'
}

/**
 * Would a budget that burns at exactly 1 show so many bad events less often than the rule's largest chance? Where slices weigh the same
 * whatever their traffic, so many bad slices are evidence too: those of quiet times drown among the events, and silent ones have none.
 */
function isMoreThanBadLuck(evidence: NonNullable<AlertRule['evidence']>, slo: JudgedSlo, long: BurnRate): boolean {
  return isUnlikely(evidence, slo, long) || (long.slices !== undefined && isUnlikely(evidence, slo, long.slices))
}

function isUnlikely(evidence: NonNullable<AlertRule['evidence']>, slo: JudgedSlo, { good, valid }: Counts): boolean {
  const bad = valid - good
  if (bad < BigInt(evidence.minBad)) return false
  const chance = allowedErrorRate(targetOf(slo.objectiveText))
  return binomialTail(Number(bad), Number(valid), chance) < evidence.maxChance
}
