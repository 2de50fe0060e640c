import { formatDuration } from '../../lib/durations.ts'
import type { AlertRule, BurnCondition, Slo } from '../../slo-specs/schema/model.ts'

/** PromQL over the series of Ninefold's own /metrics. */

const operators = { gt: '>', gte: '>=', lt: '<', lte: '<=' } as const

/** A PromQL string literal. */
const quote = (text: string) => JSON.stringify(text)

/** Of the SLO as a whole: the worst values of its layers are series of the same name, with `layer` and `layer_value`. */
function burnOver(slo: Slo, windowSeconds: number): string {
  return `slo_burn_rate{slo=${quote(slo.name)}, window=${quote(formatDuration(windowSeconds))}, layer=""}`
}

function burnAbove(slo: Slo, windowSeconds: number, { op, threshold }: BurnCondition): string {
  return `${burnOver(slo, windowSeconds)} ${operators[op]} ${threshold}`
}

/** Both windows of a condition must hold; they differ in the label `window` alone. */
function conditionExpression(slo: Slo, condition: BurnCondition): string {
  const long = burnAbove(slo, condition.longWindowSeconds, condition)
  if (condition.shortWindowSeconds === undefined) return `(${long})`
  return `(${long} and ignoring (window) ${burnAbove(slo, condition.shortWindowSeconds, condition)})`
}

/** The worst burn rate of a condition that holds, of any of the rule's; nothing while none does. */
export function burnExpression(slo: Slo, rule: AlertRule): string {
  const held = rule.conditions.map(condition => conditionExpression(slo, condition)).join('\n  or\n')
  return `max by (slo, service) (\n${held}\n)`
}

/** −1, below every burn rate, while each of the rule's short windows has data; nothing else says that it is quiet. */
export function quietExpression(slo: Slo, { conditions }: AlertRule): string {
  const seconds = conditions.map(({ shortWindowSeconds, longWindowSeconds }) => shortWindowSeconds ?? longWindowSeconds)
  const rates = [...new Set(seconds)].map(window => burnOver(slo, window))
  return `max by (slo, service) (\n(${rates.join('\n  + ignoring (window)\n')}) * 0 - 1\n)`
}

/** 1 while the SLO's signal is silent, else 0. Ninefold's own verdict is asked: rates say nothing where there are none. */
export function silenceOf(slo: Slo): string {
  return `max by (slo, service) (slo_alert_firing{slo=${quote(slo.name)}, severity="no-data"})`
}
