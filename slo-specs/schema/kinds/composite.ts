import { type Decimal, formatDecimal, parseDecimal } from '../decimal.ts'
import type { Definition } from '../definitions.ts'
import type { AlertRule, CompositeIndicator, Slo } from '../model.ts'
import type { Objective } from './objective.ts'
import { revisionOf } from './revision.ts'

/** Digits of a composite's target, where the mean has no end. */
const digits = 12n

/**
 * The composite of SLOs that one definition promises with weights: its SLI is the weighted mean of theirs (semantics: SLI), and its target the
 * weighted mean of their targets, rounded up.
 */
export function compositeOf(
  { metadata, at }: Definition,
  slos: readonly Slo[],
  objectives: readonly Objective[],
  of: { readonly rules: readonly AlertRule[]; readonly noDataAfterSeconds: number },
): { readonly slo: Slo; readonly objective: Objective } {
  const [first, ...others] = slos
  const [firstObjective] = objectives
  if (first === undefined || firstObjective === undefined) throw new RangeError('a composite has members')
  const weights = objectives.map(({ item }) => item.child('compositeWeight')?.source ?? '1')
  const decimal = meanTarget(objectives, weights)
  const members = [first, ...others].map((slo, index) => ({ slo, weight: weights[index] ?? '1' }))
  const indicator: CompositeIndicator = { kind: 'composite', name: metadata.name, signal: 'composite', members }
  const objectiveText = formatDecimal(decimal)
  const { timeSlices: _, ...shared } = first
  const slo: Slo = {
    ...shared,
    name: metadata.name,
    displayName: metadata.displayName ?? metadata.name,
    objective: Number(objectiveText),
    objectiveText,
    indicator,
    alerts: of.rules,
    // Layers of different events do not add up.
    layers: [],
    noDataAfterSeconds: of.noDataAfterSeconds,
    revision: revisionOf(indicator, []),
    position: at.position,
  }
  return { slo, objective: { ...firstObjective, objective: slo.objective, objectiveText, decimal } }
}

function meanTarget(objectives: readonly Objective[], weights: readonly string[]): Decimal {
  let sum = 0n
  let all = 0n
  // A common scale: both sides of the fraction are multiplied alike.
  const scale = 10n ** 60n
  for (const [index, { decimal }] of objectives.entries()) {
    const weight = parseDecimal(weights[index] ?? '1') ?? { numerator: 0n, denominator: 1n }
    const share = (weight.numerator * scale) / weight.denominator
    sum += (share * decimal.numerator) / decimal.denominator
    all += share
  }
  const places = 10n ** digits
  const numerator = (sum * places + all - 1n) / all
  return parseDecimal(formatDecimal({ numerator, denominator: places })) ?? { numerator, denominator: places }
}
