import type { BucketEnd, BucketFilter, Comparison, EventField, EventFilter, EventFilterValue } from './event-filter.ts'

const negated: Readonly<Record<Comparison, Comparison>> = {
  '==': '!=',
  '!=': '==',
  '<': '>=',
  '<=': '>',
  '>': '<=',
  '>=': '<',
}

const never: BucketFilter = { op: 'literal', value: { type: 'boolean', value: false } }
const above: BucketEnd = { scope: 'bucket', name: 'above' }
const upTo: BucketEnd = { scope: 'bucket', name: 'upTo' }

/** Does a filter ask for the measured value? */
export function asksValue(filter: EventFilter): boolean {
  switch (filter.op) {
    case 'literal':
      return false
    case 'not':
      return asksValue(filter.operand)
    case 'and':
    case 'or':
      return filter.operands.some(asksValue)
    default:
      return isValue(filter.field)
  }
}

/**
 * True for a bucket (above, upTo] exactly when the filter is sure to be true for every value in it: a threshold that cuts
 * the bucket decides nothing. The opposite question, whether it may be true for some, is `NOT surely(not filter)`.
 */
export function surely(filter: EventFilter, isNegated = false): BucketFilter {
  switch (filter.op) {
    case 'not':
      return surely(filter.operand, !isNegated)
    case 'and':
    case 'or': {
      const op = (filter.op === 'and') === isNegated ? 'or' : 'and'
      return { op, operands: filter.operands.map(operand => surely(operand, isNegated)) }
    }
    case 'compare':
      if (isValue(filter.field)) {
        const { comparison, value } = filter
        return surelyCompares(isNegated ? negated[comparison] : comparison, value)
      }
      break
    case 'in':
      if (isValue(filter.field)) {
        const { field, values } = filter
        const operands = values.map(value => ({ op: 'compare', comparison: '==', field, value }) as const)
        return surely({ op: 'or', operands }, isNegated)
      }
      break
  }
  return isNegated ? { op: 'not', operand: filter } : filter
}

/** Every value of the bucket lies above its lower end and not beyond its upper one. */
function surelyCompares(comparison: Comparison, value: EventFilterValue): BucketFilter {
  const compare = (field: BucketEnd, op: Comparison): BucketFilter => ({ op: 'compare', comparison: op, field, value })
  switch (comparison) {
    case '<=':
    case '<':
      return compare(upTo, comparison)
    case '>':
    case '>=':
      return compare(above, '>=')
    case '!=':
      return { op: 'or', operands: [compare(upTo, '<'), compare(above, '>=')] }
    case '==':
      return never
  }
}

function isValue(field: EventField): boolean {
  return field.scope === 'intrinsic' && field.name === 'value'
}
