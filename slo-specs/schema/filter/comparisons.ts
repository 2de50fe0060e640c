import type { FieldReference, FilterExpression, FilterValue } from '../model.ts'
import { suggestion } from '../nearest-name.ts'
import type { CelExpression } from './cel-syntax.ts'
import { readConstant } from './constants.ts'
import { fieldText, intrinsics, missingIn, readField } from './fields.ts'
import { construct, type FilterReading, isForeign, refuse, unsupported } from './filter-reading.ts'
import { regexProblem } from './regex.ts'

type Comparison = Extract<FilterExpression, { op: 'compare' }>['comparison']

const mirrored: Readonly<Record<Comparison, Comparison>> = {
  '==': '==',
  '!=': '!=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
}

/** `field op constant`, or the constant first. */
export function readComparison(
  of: { expression: CelExpression; comparison: Comparison; left: CelExpression; right: CelExpression },
  reading: FilterReading,
): FilterExpression | undefined {
  const { expression, left, right } = of
  const constantFirst = readConstant(left).value !== null
  const [fieldSide, constantSide] = constantFirst ? [right, left] : [left, right]
  const comparison = constantFirst ? mirrored[of.comparison] : of.comparison
  const constant = readConstant(constantSide)
  const foreign =
    constant.value === null ? [left, right].find(side => isForeign(side) && readField(side).field === null) : undefined
  if (foreign !== undefined) return unsupported(foreign, reading, construct(foreign, reading.tree))
  if (constant.value === null) {
    const bothFields = readField(left).field !== null && readField(right).field !== null
    const message = bothFields
      ? 'a field is compared with another field; compare with a constant'
      : 'compare a field with a constant'
    return refuse(expression, reading, bothFields ? 'SPEC_FILTER_TYPE' : 'SPEC_FILTER_UNSUPPORTED', message)
  }
  if (constant.value === undefined) return refuse(constantSide, reading, constant.code, constant.problem)
  if (constantFirst && readConstant(right).value !== null)
    return refuse(
      expression,
      reading,
      'SPEC_FILTER_TYPE',
      'two constants are compared; compare a field with a constant',
    )
  const field = requireField(fieldSide, reading)
  if (field === undefined) return undefined
  const value = checkedValue({ field, value: constant.value, at: constantSide }, reading)
  if (value === undefined) return undefined
  const isOrder = comparison !== '==' && comparison !== '!='
  if (isOrder && value.type === 'boolean')
    return refuse(expression, reading, 'SPEC_FILTER_TYPE', `${comparison} does not order booleans`)
  if (isOrder && field.scope === 'intrinsic' && (field.name === 'kind' || field.name === 'status'))
    return refuse(expression, reading, 'SPEC_FILTER_TYPE', `${field.name} has no order; use == or in`)
  return { op: 'compare', comparison, field, value }
}

/** `field in [constants]`. */
export function readMembership(
  of: { expression: CelExpression; element: CelExpression; list: CelExpression },
  reading: FilterReading,
): FilterExpression | undefined {
  const { list, element, expression } = of
  if (list.exprKind.case !== 'listExpr')
    return refuse(expression, reading, 'SPEC_FILTER_UNSUPPORTED', 'in takes a list of constants: field in ["a", "b"]')
  const field = requireField(element, reading)
  const values: FilterValue[] = []
  let complete = true
  for (const item of list.exprKind.value.elements) {
    const constant = readConstant(item)
    const value =
      constant.value === null
        ? refuse(item, reading, 'SPEC_FILTER_UNSUPPORTED', 'a list holds constants only')
        : constant.value === undefined
          ? refuse(item, reading, constant.code, constant.problem)
          : field && checkedValue({ field, value: constant.value, at: item }, reading)
    if (value === undefined) complete = false
    else values.push(value)
  }
  if (field === undefined || !complete) return undefined
  if (values.length === 0) return { op: 'literal', value: { type: 'boolean', value: false } }
  return { op: 'in', field, values }
}

/** `field.startsWith("text")` and its kin. */
export function readTextFunction(
  of: {
    expression: CelExpression
    name: 'startsWith' | 'endsWith' | 'contains' | 'matches'
    target: CelExpression
    args: readonly CelExpression[]
  },
  reading: FilterReading,
): FilterExpression | undefined {
  const { name, target, args, expression } = of
  const [argument] = args
  const constant = argument === undefined ? undefined : readConstant(argument).value
  if (argument === undefined || args.length !== 1 || constant?.type !== 'string')
    return refuse(expression, reading, 'SPEC_FILTER_TYPE', `${name} takes one text: field.${name}("…")`)
  const field = requireField(target, reading)
  if (field === undefined) return undefined
  if (field.scope === 'intrinsic' && !intrinsics[field.name].types.includes('string'))
    return refuse(target, reading, 'SPEC_FILTER_TYPE', `${field.name} is no text`)
  const problem = name === 'matches' ? regexProblem(constant.value) : undefined
  if (problem !== undefined) return refuse(argument, reading, 'SPEC_FILTER_REGEX', problem)
  return { op: 'text', function: name, field, value: constant.value }
}

function requireField(expression: CelExpression, reading: FilterReading): FieldReference | undefined {
  const read = readField(expression)
  if (read.field === undefined) return refuse(expression, reading, 'SPEC_FILTER_UNSUPPORTED', read.problem)
  if (read.field === null && isForeign(expression))
    return unsupported(expression, reading, construct(expression, reading.tree))
  if (read.field === null) {
    const what = readConstant(expression).value === null ? 'something else' : 'a constant'
    const message = `${what} stands where a field belongs: an attribute, or name, kind, status, duration, severity, body, synthetic`
    return refuse(expression, reading, 'SPEC_FILTER_UNSUPPORTED', message)
  }
  const missing = missingIn(read.field, reading.signal)
  return missing === undefined ? read.field : refuse(expression, reading, 'SPEC_FILTER_TYPE', missing)
}

/** The constant, in the spelling the field has, when the field can be of its type. */
function checkedValue(
  of: { field: FieldReference; value: FilterValue; at: CelExpression },
  reading: FilterReading,
): FilterValue | undefined {
  const { field, value, at } = of
  if (field.scope !== 'intrinsic') {
    if (value.type !== 'duration') return value
    const message = `${fieldText(field)} is an attribute and has no unit; compare it with a number`
    return refuse(at, reading, 'SPEC_FILTER_TYPE', message)
  }
  const { types, words } = intrinsics[field.name]
  if (!types.includes(value.type)) {
    const hint = field.name === 'duration' ? ': write duration("300ms")' : ''
    return refuse(at, reading, 'SPEC_FILTER_TYPE', `${field.name} is compared with a ${types.join(' or a ')}${hint}`)
  }
  if (value.type !== 'string' || words === undefined) return value
  const word = words.find(candidate => candidate.toLowerCase() === value.value.toLowerCase())
  if (word !== undefined) return { type: 'string', value: word }
  const message = `${field.name} is one of ${words.join(', ')}${suggestion(value.value, words)}`
  return refuse(at, reading, 'SPEC_FILTER_TYPE', message)
}
