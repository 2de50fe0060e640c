import { parse } from '@bufbuild/cel'

type Expression = ReturnType<typeof parse>['expr']
type Call = Extract<Expression['exprKind'], { case: 'callExpr' }>['value']

/** A conformance case as a filter: one constant of each comparison is what an event carries, so that a field stands in its place. */
export interface LiftedCase {
  readonly filter: string
  /** Attributes as they are stored. */
  readonly attributes: Readonly<Record<string, string>>
  /** What stands in for `duration`. */
  readonly durationNs: bigint
}

/** Which side of a comparison becomes the field. */
export type Side = 'left' | 'right'

const comparisons: Readonly<Record<string, string>> = {
  '_==_': '==',
  '_!=_': '!=',
  '_<_': '<',
  '_<=_': '<=',
  '_>_': '>',
  '_>=_': '>=',
}
const textFunctions = ['startsWith', 'endsWith', 'contains', 'matches']

/**
 * Filters judge events, the project's cases mostly constants: `'abc' < 'abd'` becomes `attributes["c0"] < "abd"` over an event whose
 * `c0` is `abc`. Undefined where a case is made of anything else than what filters have.
 */
export function liftCase(text: string, side: Side): LiftedCase | undefined {
  let expression: Expression
  try {
    expression = parse(text).expr
  } catch {
    return undefined
  }
  const lifting: Lifting = { side, attributes: {}, duration: undefined }
  const filter = liftBoolean(expression, lifting)
  if (filter === undefined || (Object.keys(lifting.attributes).length === 0 && lifting.duration === undefined))
    return undefined
  return { filter, attributes: lifting.attributes, durationNs: lifting.duration ?? 0n }
}

interface Lifting {
  readonly side: Side
  readonly attributes: Record<string, string>
  duration: bigint | undefined
}

function liftBoolean(expression: Expression, lifting: Lifting): string | undefined {
  const { exprKind } = expression
  if (exprKind.case === 'constExpr')
    return exprKind.value.constantKind.case === 'boolValue' ? String(exprKind.value.constantKind.value) : undefined
  if (exprKind.case !== 'callExpr') return undefined
  const call = exprKind.value
  const [first, second] = call.args
  if (call.function === '!_' && first !== undefined) {
    const operand = liftBoolean(first, lifting)
    return operand && `!(${operand})`
  }
  if (first === undefined) return undefined
  if (call.function === '_&&_' || call.function === '_||_') {
    const operands = call.args.map(each => liftBoolean(each, lifting))
    return operands.includes(undefined) ? undefined : `(${operands.join(call.function === '_&&_' ? ' && ' : ' || ')})`
  }
  const operator = comparisons[call.function]
  if (operator !== undefined && second !== undefined) return liftComparison(first, operator, second, lifting)
  return call.function === '@in' && second !== undefined
    ? liftMembership(first, second, lifting)
    : liftText(call, lifting)
}

function liftComparison(left: Expression, operator: string, right: Expression, lifting: Lifting): string | undefined {
  const [leftText, rightText] = [constantText(left), constantText(right)]
  if (leftText === undefined || rightText === undefined) return undefined
  return lifting.side === 'left'
    ? joined(fieldFor(left, lifting), operator, rightText)
    : joined(leftText, operator, fieldFor(right, lifting))
}

const joined = (left: string | undefined, operator: string, right: string | undefined) =>
  left === undefined || right === undefined ? undefined : `${left} ${operator} ${right}`

function liftMembership(element: Expression, list: Expression, lifting: Lifting): string | undefined {
  if (list.exprKind.case !== 'listExpr' || lifting.side === 'right') return undefined
  const elements = list.exprKind.value.elements.map(constantText)
  const field = elements.includes(undefined) ? undefined : fieldFor(element, lifting)
  return field && `${field} in [${elements.join(', ')}]`
}

function liftText({ function: name, target, args }: Call, lifting: Lifting): string | undefined {
  const [argument] = args
  if (!textFunctions.includes(name) || target === undefined || argument === undefined || lifting.side === 'right')
    return undefined
  const text = constantText(argument)
  const field = text === undefined ? undefined : fieldFor(target, lifting)
  return field && `${field}.${name}(${text})`
}

/** A field whose value in the event is that of the constant; a field has one value, so there is one duration in a case. */
function fieldFor(expression: Expression, lifting: Lifting): string | undefined {
  const value = constantOf(expression)
  if (value === undefined) return undefined
  if (value.type !== 'duration') {
    const name = `c${Object.keys(lifting.attributes).length}`
    lifting.attributes[name] = value.text
    return `attributes["${name}"]`
  }
  if (lifting.duration !== undefined) return undefined
  lifting.duration = BigInt(value.text)
  return 'duration'
}

interface Constant {
  readonly type: 'string' | 'number' | 'boolean' | 'duration'
  /** As an attribute stores it; of a duration the nanoseconds. */
  readonly text: string
  readonly written: string
}

const constantText = (expression: Expression) => constantOf(expression)?.written

function constantOf({ exprKind }: Expression): Constant | undefined {
  if (exprKind.case === 'callExpr' && exprKind.value.target === undefined) {
    const [argument] = exprKind.value.args
    const inner = argument && constantOf(argument)
    // What dyn() hides from the checker is what an attribute is anyway: a value of any type.
    if (exprKind.value.function === 'dyn') return inner
    if (exprKind.value.function !== 'duration' || inner?.type !== 'string') return undefined
    const [, seconds] = /^(\d+)s$/.exec(inner.text) ?? []
    if (seconds === undefined) return undefined
    return { type: 'duration', text: `${seconds}000000000`, written: `duration(${inner.written})` }
  }
  if (exprKind.case !== 'constExpr') return undefined
  const { constantKind } = exprKind.value
  switch (constantKind.case) {
    case 'stringValue':
      return { type: 'string', text: constantKind.value, written: JSON.stringify(constantKind.value) }
    case 'boolValue':
      return { type: 'boolean', text: String(constantKind.value), written: String(constantKind.value) }
    case 'int64Value':
      return { type: 'number', text: String(constantKind.value), written: String(constantKind.value) }
    case 'uint64Value':
      return { type: 'number', text: String(constantKind.value), written: `${constantKind.value}u` }
    case 'doubleValue':
      return { type: 'number', text: String(constantKind.value), written: doubleText(constantKind.value) }
    default:
      return undefined
  }
}

function doubleText(value: number): string {
  const text = String(value)
  return /[.e]/.test(text) ? text : `${text}.0`
}
