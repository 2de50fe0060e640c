import { matchesRegex } from '../../slo-specs/schema/filter/regex.ts'
import type { FieldReference, FilterExpression, FilterValue, Signal } from '../../slo-specs/schema/model.ts'
import { columnOf, eventSources, lookupOrder } from '../../store/queries/event-sources.ts'
import { severityNumbers } from '../../store/queries/filter-fields.ts'
import type { TelemetryEvent } from './telemetry-event.ts'

/**
 * Does one event match a filter? The second evaluator of filters, for `explain`: what it says equals what the SQL of
 * store/queries/filter-sql.ts says of the same event (a property test holds both against the engine).
 */
export function matches(filter: FilterExpression, event: TelemetryEvent, signal: Signal): boolean {
  switch (filter.op) {
    case 'literal':
      return filter.value.type === 'boolean' && filter.value.value
    case 'not':
      return !matches(filter.operand, event, signal)
    case 'and':
      return filter.operands.every(operand => matches(operand, event, signal))
    case 'or':
      return filter.operands.some(operand => matches(operand, event, signal))
    case 'compare':
      return compare(fieldOf(filter.field, event, signal), filter.comparison, filter.value)
    case 'in':
      return filter.values.some(value => compare(fieldOf(filter.field, event, signal), '==', value))
    case 'text':
      return matchText(fieldOf(filter.field, event, signal), filter.function, filter.value)
    case 'has':
      return isPresent(fieldOf(filter.field, event, signal))
  }
}

/** The value of a field, by the way it compares. */
type FieldValue =
  | { readonly kind: 'absent' }
  /** `normalise`: how constants are brought into the form that the value is in. */
  | {
      readonly kind: 'text'
      readonly text: string
      readonly normalise: (text: string) => string
      readonly isColumn: boolean
    }
  | { readonly kind: 'severity'; readonly text: string; readonly number: number }
  | { readonly kind: 'integer'; readonly integer: bigint }
  | { readonly kind: 'boolean'; readonly boolean: boolean }

type Comparison = Extract<FilterExpression, { op: 'compare' }>['comparison']
type TextFunction = Extract<FilterExpression, { op: 'text' }>['function']

const absent: FieldValue = { kind: 'absent' }
const asWritten = (text: string) => text
const written = (text: string | undefined): FieldValue =>
  text === undefined ? absent : { kind: 'text', text, normalise: asWritten, isColumn: false }
const column = (text: string, normalise = asWritten): FieldValue => ({ kind: 'text', text, normalise, isColumn: true })

function fieldOf(field: FieldReference, event: TelemetryEvent, signal: Signal): FieldValue {
  const source = eventSources[signal]
  if (source === undefined) return absent
  if (field.scope === 'intrinsic') {
    return source.intrinsics[field.name] === undefined ? absent : intrinsicOf(field.name, event)
  }
  const own = (map: Readonly<Record<string, string>>) => (Object.hasOwn(map, field.name) ? map[field.name] : undefined)
  // In a column of its own an empty text is none.
  if (columnOf(field, source) !== undefined)
    return written(own(field.name === 'service.name' ? event.resource : event.attributes) || undefined)
  if (field.scope === 'resource') return written(own(event.resource))
  if (field.scope === 'attribute') return written(own(event.attributes))
  const values = lookupOrder(field.name, source).map(map =>
    own(map === 'ResourceAttributes' ? event.resource : event.attributes),
  )
  return written(values.find(value => value !== undefined))
}

function intrinsicOf(name: Extract<FieldReference, { scope: 'intrinsic' }>['name'], event: TelemetryEvent): FieldValue {
  switch (name) {
    case 'duration':
      return { kind: 'integer', integer: event.duration }
    case 'synthetic':
      return { kind: 'boolean', boolean: event.synthetic }
    case 'severity':
      return { kind: 'severity', text: severityText(event), number: event.severityNumber }
    case 'status':
      return prefixed(event.status, 'STATUS_CODE_')
    case 'kind':
      return prefixed(event.kind, 'SPAN_KIND_')
    case 'name':
      return column(event.name)
    case 'body':
      return column(event.body)
    case 'value':
      return absent
  }
}

/** `Error` and `STATUS_CODE_ERROR` are one thing. */
function prefixed(text: string, prefix: string): FieldValue {
  const prefixOfConstant = new RegExp(`^${prefix}`, 'i')
  return column(lowerAscii(upperAscii(text).replace(prefix, '')), constant =>
    constant.replace(prefixOfConstant, '').toLowerCase(),
  )
}

/** The names, in their order, of four numbers each. */
function severityText({ severityText: text, severityNumber: number }: TelemetryEvent): string {
  if (text !== '') return upperAscii(text)
  const names = Object.entries(severityNumbers).filter(([, first]) => first <= number)
  return number === 0 ? '' : (names.at(-1)?.[0] ?? '')
}

/** As the engine does: letters beyond ASCII have no case here. */
const upperAscii = (text: string) => text.replace(/[a-z]/g, letter => letter.toUpperCase())
const lowerAscii = (text: string) => text.replace(/[A-Z]/g, letter => letter.toLowerCase())

/** A column is always there, so that only an empty one can be missing. */
function isPresent(field: FieldValue): boolean {
  if (field.kind === 'severity' || (field.kind === 'text' && field.isColumn)) return field.text !== ''
  return field.kind !== 'absent'
}

function ordered(order: number, comparison: Comparison): boolean {
  switch (comparison) {
    case '==':
      return order === 0
    case '!=':
      return order !== 0
    case '<':
      return order < 0
    case '<=':
      return order <= 0
    case '>':
      return order > 0
    case '>=':
      return order >= 0
  }
}

function compare(field: FieldValue, comparison: Comparison, value: FilterValue): boolean {
  switch (field.kind) {
    case 'absent':
      return false
    case 'boolean':
      if (value.type !== 'boolean') return false
      return ordered(Number(field.boolean) - Number(value.value), comparison)
    case 'integer':
      if (value.type === 'duration') return orderedNumbers(field.integer, value.value, comparison)
      return value.type === 'number' && orderedNumbers(field.integer, value.value, comparison)
    case 'severity':
      return compareSeverity(field, comparison, value)
    case 'text':
      return compareText(field, comparison, value)
  }
}

/** JavaScript compares integers and doubles by their exact values; nothing is equal to, or in order with, NaN. */
function orderedNumbers(left: bigint | number, right: bigint | number, comparison: Comparison): boolean {
  switch (comparison) {
    case '==':
      return left <= right && left >= right
    case '!=':
      return !orderedNumbers(left, right, '==')
    case '<':
      return left < right
    case '<=':
      return left <= right
    case '>':
      return left > right
    case '>=':
      return left >= right
  }
}

function compareText(
  field: Extract<FieldValue, { kind: 'text' }>,
  comparison: Comparison,
  value: FilterValue,
): boolean {
  const { text, normalise } = field
  switch (value.type) {
    case 'number':
    case 'duration': {
      const number = numberOf(text)
      return number !== undefined && orderedNumbers(number, Number(value.value), comparison)
    }
    case 'boolean':
      return (text === 'true' || text === 'false') && ordered(bytewise(text, String(value.value)), comparison)
    case 'string':
      return ordered(bytewise(text, normalise(value.value)), comparison)
  }
}

/** What the engine takes for a number when it reads a text as one. */
function numberOf(text: string): number | undefined {
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return Number(text)
  const word = /^([+-]?)(inf|infinity|nan)$/i.exec(text)
  if (word === null) return undefined
  const magnitude = /^nan$/i.test(word[2] ?? '') ? Number.NaN : Number.POSITIVE_INFINITY
  return word[1] === '-' ? -magnitude : magnitude
}

function bytewise(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left, 'utf8'), Buffer.from(right, 'utf8'))
}

function compareSeverity(
  field: Extract<FieldValue, { kind: 'severity' }>,
  comparison: Comparison,
  value: FilterValue,
): boolean {
  if (value.type === 'number') return orderedNumbers(field.number, value.value, comparison)
  if (value.type !== 'string') return false
  const name = value.value.toUpperCase()
  if (comparison === '==' || comparison === '!=') return ordered(bytewise(field.text, name), comparison)
  const first = severityNumbers[name]
  if (first === undefined || field.number === 0) return false
  return ordered(field.number - (comparison === '>' || comparison === '<=' ? first + 3 : first), comparison)
}

function matchText(field: FieldValue, name: TextFunction, value: string): boolean {
  if (field.kind !== 'text' && (field.kind !== 'severity' || field.text === '')) return false
  const { text } = field
  const constant = field.kind === 'text' ? field.normalise(value) : value.toUpperCase()
  switch (name) {
    case 'startsWith':
      return text.startsWith(constant)
    case 'endsWith':
      return text.endsWith(constant)
    case 'contains':
      return text.includes(constant)
    case 'matches':
      // RE2 on this side too: linear time, whatever the pattern.
      return matchesRegex(value, text)
  }
}
