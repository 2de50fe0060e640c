import type { FilterExpression } from '../model.ts'
import type { CelCall, CelExpression } from './cel-syntax.ts'
import { readComparison, readMembership, readTextFunction } from './comparisons.ts'
import { fieldText, intrinsics, missingIn, readField } from './fields.ts'
import { construct, type FilterReading, refuse, unsupported } from './filter-reading.ts'

/** The filter that a CEL expression means; undefined after reporting why it means none. */
export function readExpression(reading: FilterReading): FilterExpression | undefined {
  return readBoolean(reading.tree.root, reading, 0)
}

const comparisons = { '_==_': '==', '_!=_': '!=', '_<_': '<', '_<=_': '<=', '_>_': '>', '_>=_': '>=' } as const
const textFunctions = ['startsWith', 'endsWith', 'contains', 'matches'] as const

function readBoolean(expression: CelExpression, reading: FilterReading, depth: number): FilterExpression | undefined {
  const { exprKind } = expression
  if (depth > reading.deepest) {
    const offset = reading.tree.offsetOf(expression)
    reading.report({ code: 'SPEC_FILTER_TOO_LARGE', offset, message: `it nests deeper than ${reading.deepest} levels` })
    return undefined
  }
  switch (exprKind.case) {
    case 'callExpr':
      return readCall(expression, exprKind.value, reading, depth)
    case 'constExpr':
      if (exprKind.value.constantKind.case === 'boolValue')
        return { op: 'literal', value: { type: 'boolean', value: exprKind.value.constantKind.value } }
      return refuse(expression, reading, 'SPEC_FILTER_TYPE', 'a filter is true or false; this is a constant')
    case 'selectExpr':
      if (exprKind.value.testOnly) return readHas(expression, withoutTest(expression), reading)
      return readBare(expression, reading)
    case 'identExpr':
      return readBare(expression, reading)
    case 'listExpr':
      return refuse(expression, reading, 'SPEC_FILTER_TYPE', 'a filter is true or false; this is a list')
    default:
      return unsupported(expression, reading, construct(expression, reading.tree))
  }
}

function readCall(
  expression: CelExpression,
  call: CelCall,
  reading: FilterReading,
  depth: number,
): FilterExpression | undefined {
  const { args, target } = call
  const [first, second] = args
  if (call.function === '_&&_' || call.function === '_||_')
    return readJunction(expression, call.function, reading, depth)
  if (call.function === '!_' && first !== undefined) {
    const operand = readBoolean(first, reading, depth + 1)
    return operand === undefined ? undefined : { op: 'not', operand }
  }
  if (Object.hasOwn(comparisons, call.function) && first !== undefined && second !== undefined) {
    const comparison = comparisons[call.function as keyof typeof comparisons]
    return readComparison({ expression, comparison, left: first, right: second }, reading)
  }
  if (call.function === '@in' && first !== undefined && second !== undefined)
    return readMembership({ expression, element: first, list: second }, reading)
  const textFunction = textFunctions.find(name => name === call.function)
  if (textFunction !== undefined && target !== undefined)
    return readTextFunction({ expression, name: textFunction, target, args }, reading)
  if (call.function === 'has' && target === undefined && first !== undefined) return readHas(expression, first, reading)
  if (call.function === '_[_]') return readBare(expression, reading)
  return unsupported(expression, reading, construct(expression, reading.tree))
}

/** `a && b && c` is one list: the parser nests it to either side. */
function readJunction(expression: CelExpression, name: '_&&_' | '_||_', reading: FilterReading, depth: number) {
  const operands: FilterExpression[] = []
  let complete = true
  const waiting: CelExpression[] = [expression]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next.exprKind.case === 'callExpr' && next.exprKind.value.function === name) {
      waiting.push(...[...next.exprKind.value.args].reverse())
      continue
    }
    const operand = readBoolean(next, reading, depth + 1)
    if (operand === undefined) complete = false
    else operands.push(operand)
  }
  return complete ? { op: name === '_&&_' ? ('and' as const) : ('or' as const), operands } : undefined
}

/** A field alone is true when its value is true. */
function readBare(expression: CelExpression, reading: FilterReading): FilterExpression | undefined {
  const { field, ...rest } = readField(expression)
  if (field === undefined)
    return refuse(expression, reading, 'SPEC_FILTER_UNSUPPORTED', 'problem' in rest ? rest.problem : 'no field')
  if (field === null) return unsupported(expression, reading, construct(expression, reading.tree))
  const missing = missingIn(field, reading.signal)
  if (missing !== undefined) return refuse(expression, reading, 'SPEC_FILTER_TYPE', missing)
  if (field.scope === 'intrinsic' && !intrinsics[field.name].types.includes('boolean'))
    return refuse(
      expression,
      reading,
      'SPEC_FILTER_TYPE',
      `${field.name} is not true or false: compare it with something`,
    )
  return { op: 'compare', comparison: '==', field, value: { type: 'boolean', value: true } }
}

function readHas(expression: CelExpression, of: CelExpression, reading: FilterReading): FilterExpression | undefined {
  const { field, ...rest } = readField(of)
  if (field === undefined || field === null) {
    const why = 'problem' in rest ? rest.problem : 'has takes the name of an attribute: has(http.route)'
    return refuse(expression, reading, 'SPEC_FILTER_UNSUPPORTED', why)
  }
  const missing = missingIn(field, reading.signal)
  if (missing !== undefined)
    return refuse(expression, reading, 'SPEC_FILTER_TYPE', `has(${fieldText(field)}): ${missing}`)
  return { op: 'has', field }
}

/** `has(a.b)` arrives as `a.b` with a mark. */
function withoutTest(expression: CelExpression): CelExpression {
  const { exprKind } = expression
  if (exprKind.case !== 'selectExpr') return expression
  return { ...expression, exprKind: { case: 'selectExpr', value: { ...exprKind.value, testOnly: false } } }
}
