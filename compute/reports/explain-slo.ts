import { formatDuration } from '../../lib/durations.ts'
import { formatDecimal, parseDecimal } from '../../slo-specs/schema/decimal.ts'
import type { BurnCondition, Slo } from '../../slo-specs/schema/model.ts'
import { detectionSeconds } from '../alerts/detection.ts'
import { type Target, targetOf } from '../budget/budget.ts'
import { divide } from '../budget/divide.ts'

/** Error rates that detection times are told for: a total outage, one request in ten, one in a hundred. */
const toldErrorRates = [1, 0.1, 0.01] as const

export interface ConditionExplanation {
  readonly severity: string
  readonly condition: string
  readonly op: BurnCondition['op']
  /** Burn-rate factor. */
  readonly threshold: number
  readonly longWindow: string
  readonly shortWindow: string | null
  /** Share of the budget that is spent when it fires on steady burn at exactly its factor. */
  readonly budgetShare: number
  /** Seconds from the start of a constant error rate to the alert; null when that rate never fires it. */
  readonly detection: readonly { readonly errorRate: number; readonly seconds: number | null }[]
}

export interface SloExplanation {
  readonly objectivePercent: string
  /** 100 − objective, in percent, to the digit. */
  readonly budgetPercent: string
  /** (1 − T) × window: how long a total outage may last, if traffic is even. */
  readonly budgetSeconds: number
  /** So many events are needed before one bad one among them is within the promise: 1/(1 − T), rounded up. */
  readonly eventsToTell: bigint
  readonly conditions: readonly ConditionExplanation[]
}

/** The numbers behind a promise, for people who want to know what it means (semantics: error budget, alerts). */
export function explainSlo(slo: Slo): SloExplanation {
  const target = targetOf(slo.objectiveText)
  const { good, whole } = target
  const mayFail = whole - good
  return {
    objectivePercent: percentText(good, whole),
    budgetPercent: percentText(mayFail, whole),
    budgetSeconds: divide(mayFail * BigInt(slo.window.seconds), whole),
    eventsToTell: (whole + mayFail - 1n) / mayFail,
    conditions: slo.alerts.flatMap(({ severity, conditions, alertAfterSeconds }) =>
      conditions.map(condition => ({ severity, ...explainCondition(condition, slo, target, alertAfterSeconds) })),
    ),
  }
}

function explainCondition(condition: BurnCondition, slo: Slo, target: Target, alertAfterSeconds: number) {
  const { op, threshold, longWindowSeconds, shortWindowSeconds } = condition
  const rises = op === 'gt' || op === 'gte'
  const share = condition.budgetShare ?? (threshold * longWindowSeconds) / slo.window.seconds
  return {
    condition: condition.name,
    op,
    threshold,
    longWindow: formatDuration(longWindowSeconds),
    shortWindow: shortWindowSeconds === undefined ? null : formatDuration(shortWindowSeconds),
    budgetShare: share,
    detection: toldErrorRates.map(errorRate => {
      const seconds = rises ? detectionSeconds(target, { factor: threshold, longWindowSeconds }, errorRate) : null
      return { errorRate, seconds: seconds === null ? null : seconds + alertAfterSeconds }
    }),
  }
}

/** share/whole as a percentage, exactly: both come from decimals. */
function percentText(share: bigint, whole: bigint): string {
  const decimal = parseDecimal(formatDecimal({ numerator: share * 100n, denominator: whole }))
  return decimal === undefined ? '' : formatDecimal(decimal)
}
