import { type Decimal, formatDecimal, hundredth, parseDecimal } from '../decimal.ts'
import type { Resolving } from '../resolving.ts'
import type { YamlValue } from '../yaml-documents.ts'

export interface Objective {
  readonly objective: number
  readonly objectiveText: string
  readonly decimal: Decimal
  /** Where the target was written. */
  readonly at: YamlValue
}

const unsupportedFields = [
  'op',
  'value',
  'timeSliceTarget',
  'timeSliceWindow',
  'indicator',
  'indicatorRef',
  'compositeWeight',
]

/** The one objective of an SLO; undefined after reporting what is wrong. The target is read from its digits, not from a double. */
export function readObjective(objectives: YamlValue | undefined, { report }: Resolving): Objective | undefined {
  const first = objectives?.child(0)
  if (objectives === undefined || first === undefined) {
    if (objectives !== undefined) report('SPEC_MISSING_FIELD', objectives.keyPosition, 'objectives has no entry')
    return undefined
  }
  const second = objectives.child(1)
  if (second !== undefined)
    report(
      'SPEC_UNSUPPORTED',
      second.position,
      'several objectives in one SLO are not supported yet; write one SLO each',
    )
  for (const name of unsupportedFields) {
    const field = first.child(name)
    if (field !== undefined)
      report(
        'SPEC_UNSUPPORTED',
        field.keyPosition,
        `${name} in an objective (threshold, time slices, composite) is not supported yet`,
      )
  }
  const fraction = first.child('target')
  const percent = first.child('targetPercent')
  const at = fraction ?? percent
  if (at === undefined) {
    report('SPEC_MISSING_FIELD', first.position, 'the objective has neither target nor targetPercent')
    return undefined
  }
  if (fraction !== undefined && percent !== undefined) {
    report('SPEC_OBJECTIVE', percent.keyPosition, 'give target or targetPercent, not both')
    return undefined
  }
  const written = parseDecimal(at.source ?? '')
  const decimal = written === undefined || fraction !== undefined ? written : hundredth(written)
  return decimal === undefined ? badTarget(at, { report }) : checked(decimal, at, { report })
}

function badTarget(at: YamlValue, { report }: Pick<Resolving, 'report'>): undefined {
  report('SPEC_OBJECTIVE', at.position, `${at.source ?? 'this'} is not a plain decimal number`)
}

function checked(decimal: Decimal, at: YamlValue, { report }: Pick<Resolving, 'report'>): Objective | undefined {
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
