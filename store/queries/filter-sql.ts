import { engineRegex } from './engine-regex.ts'
import type { BucketFilter, Comparison, EventFilter, EventFilterValue } from './event-filter.ts'

import type { EventSource } from './event-sources.ts'
import { type FieldSql, fieldSql, severityNumbers } from './filter-fields.ts'
import type { PlaceholderList } from './placeholders.ts'

const operators: Readonly<Record<Comparison, string>> = {
  '==': '=',
  '!=': '!=',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
}

/**
 * SQL of a filter: 0 or 1 for every event, never NULL. Missing attributes and attributes of another type than the constant make
 * a comparison false, `!=` included. Numbers compare as numbers, text as bytes, durations as nanoseconds.
 */
export function compileFilter(filter: BucketFilter, source: EventSource, placeholders: PlaceholderList): string {
  switch (filter.op) {
    case 'literal':
      return filter.value.type === 'boolean' && filter.value.value ? '1' : '0'
    case 'not':
      return `NOT (${compileFilter(filter.operand, source, placeholders)})`
    case 'and':
    case 'or': {
      if (filter.operands.length === 0) return filter.op === 'and' ? '1' : '0'
      const operands = filter.operands.map(operand => compileFilter(operand, source, placeholders))
      return `(${operands.join(filter.op === 'and' ? ' AND ' : ' OR ')})`
    }
    case 'compare':
      return compare(fieldSql(filter.field, source, placeholders), filter.comparison, filter.value, placeholders)
    case 'in':
      return oneOf(fieldSql(filter.field, source, placeholders), filter.values, placeholders)
    case 'text':
      return matchText(fieldSql(filter.field, source, placeholders), filter.function, filter.value, placeholders)
    case 'has':
      return present(fieldSql(filter.field, source, placeholders))
  }
}

function present(field: FieldSql): string {
  switch (field.kind) {
    case 'absent':
      return '0'
    case 'text':
      return field.present === '1' ? `(${field.text} != '')` : field.present
    case 'severity':
      return `(${field.text} != '')`
    default:
      return '1'
  }
}

function compare(field: FieldSql, comparison: Comparison, value: EventFilterValue, list: PlaceholderList): string {
  const operator = operators[comparison]
  switch (field.kind) {
    case 'absent':
      return '0'
    case 'integer':
      if (value.type === 'duration') return `(${field.column} ${operator} ${list.constant('Int64', value.value)})`
      if (value.type === 'number') return `(${field.column} ${operator} ${list.constant('Float64', value.value)})`
      return '0'
    case 'boolean':
      if (value.type !== 'boolean') return '0'
      return `(toUInt8(${field.column}) ${operator} ${value.value ? 1 : 0})`
    case 'severity':
      return compareSeverity(field, comparison, value, list)
    case 'text':
      return compareText(field, comparison, value, list)
  }
}

type TextField = Extract<FieldSql, { kind: 'text' }>
type SeverityField = Extract<FieldSql, { kind: 'severity' }>

function compareText(field: TextField, comparison: Comparison, value: EventFilterValue, list: PlaceholderList): string {
  const operator = operators[comparison]
  switch (value.type) {
    case 'number':
      return `ifNull(toFloat64OrNull(${field.text}) ${operator} ${list.constant('Float64', value.value)}, 0)`
    case 'duration':
      return `ifNull(toFloat64OrNull(${field.text}) ${operator} ${list.constant('Float64', Number(value.value))}, 0)`
    case 'boolean':
      return `(${field.text} IN ('true', 'false') AND ${field.text} ${operator} ${list.constant('String', String(value.value))})`
    case 'string': {
      const constant = list.constant('String', field.normalise(value.value))
      // Only a text that is not empty differs from a missing attribute, which reads as the empty text.
      if (comparison === '==' && value.value !== '') return `(${field.text} = ${constant})`
      return `(${field.present} AND ${field.text} ${operator} ${constant})`
    }
  }
}

/** Named severities are ordered as OpenTelemetry orders them, whatever text the sender wrote; an unset number has no order. */
function compareSeverity(
  field: SeverityField,
  comparison: Comparison,
  value: EventFilterValue,
  list: PlaceholderList,
): string {
  const operator = operators[comparison]
  if (value.type === 'number') return `(${field.number} ${operator} ${list.constant('Float64', value.value)})`
  if (value.type !== 'string') return '0'
  const name = value.value.toUpperCase()
  if (comparison === '==' || comparison === '!=') return `(${field.text} ${operator} ${list.constant('String', name)})`
  const first = severityNumbers[name]
  if (first === undefined) return '0'
  const bound = comparison === '>' || comparison === '<=' ? first + 3 : first
  return `(${field.number} > 0 AND ${field.number} ${operator} ${list.constant('Float64', bound)})`
}

function oneOf(field: FieldSql, values: readonly EventFilterValue[], list: PlaceholderList): string {
  const texts = values.flatMap(value => {
    if (value.type === 'string') return [value.value]
    return value.type === 'boolean' && field.kind === 'text' ? [String(value.value)] : []
  })
  const numbers = values.flatMap(value =>
    value.type === 'number' || value.type === 'duration' ? [Number(value.value)] : [],
  )
  const inNumbers = (sql: string) => `ifNull(has(${list.constant('Array(Float64)', numbers)}, ${sql}), 0)`
  const parts: string[] = []
  switch (field.kind) {
    case 'absent':
      break
    case 'boolean':
      for (const value of values)
        if (value.type === 'boolean') parts.push(`(toUInt8(${field.column}) = ${value.value ? 1 : 0})`)
      break
    case 'integer':
      if (numbers.length > 0) parts.push(inNumbers(`toFloat64(${field.column})`))
      break
    case 'severity':
      if (texts.length > 0) {
        const names = texts.map(text => text.toUpperCase())
        parts.push(`has(${list.constant('Array(String)', names)}, ${field.text})`)
      }
      if (numbers.length > 0) parts.push(inNumbers(`toFloat64(${field.number})`))
      break
    case 'text':
      if (texts.length > 0) {
        const constant = list.constant('Array(String)', texts.map(field.normalise))
        parts.push(`(${field.present} AND has(${constant}, ${field.text}))`)
      }
      if (numbers.length > 0) parts.push(inNumbers(`toFloat64OrNull(${field.text})`))
  }
  return parts.length === 0 ? '0' : `(${parts.join(' OR ')})`
}

function matchText(
  field: FieldSql,
  name: Extract<EventFilter, { op: 'text' }>['function'],
  value: string,
  list: PlaceholderList,
): string {
  if (field.kind !== 'text' && field.kind !== 'severity') return '0'
  const existing = field.kind === 'text' ? field.present : present(field)
  const constant = () => list.constant('String', field.kind === 'text' ? field.normalise(value) : value.toUpperCase())
  switch (name) {
    case 'startsWith':
      return `(${existing} AND startsWith(${field.text}, ${constant()}))`
    case 'endsWith':
      return `(${existing} AND endsWith(${field.text}, ${constant()}))`
    case 'contains':
      return `(${existing} AND position(${field.text}, ${constant()}) > 0)`
    case 'matches':
      // The engine compiles a pattern once only if it is the same for all rows, so it belongs to the shape.
      return `(${existing} AND match(${field.text}, ${list.name(engineRegex(value))}))`
  }
}
