import type { FilterExpression, FilterValue } from '../model.ts'
import { fieldText } from './fields.ts'

/** A filter in the language it is written in, laid out in one way: reading the text again gives the same filter. */
export function writeFilter(filter: FilterExpression): string {
  switch (filter.op) {
    case 'literal':
      return valueText(filter.value)
    case 'not':
      return `!(${writeFilter(filter.operand)})`
    case 'and':
    case 'or':
      return filter.operands.map(operand => operandText(operand)).join(filter.op === 'and' ? ' && ' : ' || ')
    case 'compare':
      return `${fieldText(filter.field)} ${filter.comparison} ${valueText(filter.value)}`
    case 'in':
      return `${fieldText(filter.field)} in [${filter.values.map(valueText).join(', ')}]`
    case 'text':
      return `${fieldText(filter.field)}.${filter.function}(${JSON.stringify(filter.value)})`
    case 'has':
      return `has(${fieldText(filter.field)})`
  }
}

function operandText(operand: FilterExpression): string {
  const text = writeFilter(operand)
  return operand.op === 'and' || operand.op === 'or' ? `(${text})` : text
}

function valueText(value: FilterValue): string {
  switch (value.type) {
    case 'string':
      return JSON.stringify(value.value)
    case 'duration':
      return `duration(${JSON.stringify(durationText(value.value))})`
    default:
      return String(value.value)
  }
}

const units = [
  [1_000_000_000n, 's'],
  [1_000_000n, 'ms'],
  [1_000n, 'us'],
] as const

function durationText(nanoseconds: bigint): string {
  for (const [size, unit] of units)
    if (nanoseconds >= size && nanoseconds % size === 0n) return `${nanoseconds / size}${unit}`
  return `${nanoseconds}ns`
}
