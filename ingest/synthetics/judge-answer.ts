import { valueAt } from '../../slo-specs/schema/json-path.ts'
import { fillIn, type TransactionStep } from '../../slo-specs/schema/transaction-model.ts'
import { mostBodyBytes, type StepAnswer } from './send-request.ts'
import type { StepFailure } from './step-failure.ts'

const longestValue = 2_000
/** Of redirects the first is the answer, and below it is what went well. */
const firstFault = 400

/** The first expectation that an answer does not meet; undefined when it meets all. */
export function unmet(
  step: TransactionStep,
  { status, body, isWhole }: StepAnswer,
  tookMs: number,
  values: ReadonlyMap<string, string>,
): StepFailure | undefined {
  const isExpected = step.statuses?.includes(status) ?? status < firstFault
  if (!isExpected) {
    const expected = step.statuses?.join(' or ') ?? `below ${firstFault}`
    return { reason: 'status', message: `status ${status}, expected ${expected}` }
  }
  if (step.withinMs !== undefined && tookMs > step.withinMs)
    return { reason: 'within', message: `took ${Math.ceil(tookMs)} ms, expected at most ${step.withinMs}` }
  if (step.bodyContains === undefined) return undefined
  if (body.includes(fillIn(step.bodyContains, values))) return undefined
  return isWhole ? { reason: 'bodyContains', message: 'the body does not contain the expected text' } : tooLarge
}

const tooLarge: StepFailure = {
  reason: 'too-large',
  message: `the body has more than ${mostBodyBytes} bytes, of which the first were looked into`,
}

/** Puts what the step takes out of the answer into `values`. @returns why it cannot. */
export function extract(
  step: TransactionStep,
  { body, isWhole }: StepAnswer,
  values: Map<string, string>,
): StepFailure | undefined {
  if (step.extracts.length === 0) return undefined
  if (!isWhole) return tooLarge
  let json: unknown
  try {
    json = JSON.parse(body.toString('utf8'))
  } catch {
    return { reason: 'extract', message: 'the body is no JSON' }
  }
  for (const { name, path } of step.extracts) {
    const value = valueAt(json, path)
    if (!['string', 'number', 'boolean'].includes(typeof value) || String(value).length > longestValue)
      return { reason: 'extract', message: `there is no text, number or boolean for ${name}` }
    values.set(name, String(value))
  }
  return undefined
}
