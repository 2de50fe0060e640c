import type { FieldReference, FilterExpression } from '../model.ts'

/** The fields that a filter asks for, in the order in which it does, as often as it does. */
export function fieldsOf(filter: FilterExpression): FieldReference[] {
  switch (filter.op) {
    case 'literal':
      return []
    case 'not':
      return fieldsOf(filter.operand)
    case 'and':
    case 'or':
      return filter.operands.flatMap(fieldsOf)
    default:
      return [filter.field]
  }
}
