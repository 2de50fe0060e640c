import { type Decimal, formatDecimal, hundredth, parseDecimal } from '../decimal.ts'
import type { Resolving } from '../resolving.ts'
import type { YamlValue } from '../yaml-value.ts'

export interface Objective {
  readonly objective: number
  readonly objectiveText: string
  readonly decimal: Decimal
  /** Where the target was written. */
  readonly at: YamlValue
  /** The objective with everything else that it says. */
  readonly item: YamlValue
}

/**
 * The objectives of an SLO, each a promise of its own; those that are wrong are reported and left out. Targets are read from their
 * digits, not from a double.
 */
export function readObjectives(objectives: YamlValue | undefined, context: Resolving): Objective[] {
  const items = Array.isArray(objectives?.value) ? objectives.value.map((_, index) => objectives.child(index)) : []
  if (items.length === 0 && objectives !== undefined)
    context.report('SPEC_MISSING_FIELD', objectives.keyPosition, 'objectives has no entry')
  if (!weightsAreGood(items, context)) return []
  return items.flatMap(item => (item === undefined ? [] : (readObjective(item, context) ?? [])))
}

function readObjective(item: YamlValue, { report }: Resolving): Objective | undefined {
  const fraction = item.child('target')
  const percent = item.child('targetPercent')
  const at = fraction ?? percent
  if (at === undefined) {
    report('SPEC_MISSING_FIELD', item.position, 'the objective has neither target nor targetPercent')
    return undefined
  }
  if (fraction !== undefined && percent !== undefined) {
    report('SPEC_OBJECTIVE', percent.keyPosition, 'give target or targetPercent, not both')
    return undefined
  }
  const written = parseDecimal(at.source ?? '')
  const decimal = written === undefined || fraction !== undefined ? written : hundredth(written)
  if (decimal === undefined) return badTarget(at, { report })
  const objective = checked(decimal, at, { report })
  return objective && { ...objective, item }
}

/** Weights of a composite: from 0 up, not all 0. One objective of any weight is a plain SLO. */
function weightsAreGood(items: readonly (YamlValue | undefined)[], { report }: Resolving): boolean {
  const weights = items.flatMap(item => item?.child('compositeWeight') ?? [])
  const [first] = weights
  if (first === undefined) return true
  const negative = weights.find(({ value }) => typeof value !== 'number' || value < 0)
  if (negative !== undefined)
    report('SPEC_WEIGHTS', negative.position, `the weight ${negative.source ?? ''} is negative`)
  else if (weights.every(({ value }) => value === 0)) report('SPEC_WEIGHTS', first.position, 'all weights are 0')
  else return true
  return false
}

function badTarget(at: YamlValue, { report }: Pick<Resolving, 'report'>): undefined {
  report('SPEC_OBJECTIVE', at.position, `${at.source ?? 'this'} is not a plain decimal number`)
}

function checked(
  decimal: Decimal,
  at: YamlValue,
  { report }: Pick<Resolving, 'report'>,
): Omit<Objective, 'item'> | undefined {
  const { numerator, denominator } = decimal
  if (numerator === denominator) {
    const why =
      'a target of 100 % leaves no error budget: every single failure breaks it, and burn rates divide by zero'
    report('SPEC_OBJECTIVE_100', at.position, why)
    return undefined
  }
  if (numerator < 0n || numerator > denominator) {
    report(
      'SPEC_OBJECTIVE',
      at.position,
      `a target is a share of the events: ${at.source ?? ''} is not from 0 to below 1`,
    )
    return undefined
  }
  const objectiveText = formatDecimal(decimal)
  // Digits that a double cannot hold could otherwise round up to a promise without budget.
  if (Number(objectiveText) >= 1 || objectiveText.length > 18) {
    report('SPEC_OBJECTIVE', at.position, `${objectiveText} has more digits than a target can be told apart by (16)`)
    return undefined
  }
  return { objective: Number(objectiveText), objectiveText, decimal, at }
}
