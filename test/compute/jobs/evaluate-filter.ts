import type { EventField, EventFilter, EventFilterValue } from '../../../store/queries/event-filter.ts'
import { patterns } from './patterns.ts'

/** A span as the tests know it, and what a filter says about it: written straight from the meaning, to hold the SQL against. */
export interface TestSpan {
  readonly atMs: number
  readonly name: string
  readonly kind: string
  readonly status: string
  readonly durationNs: bigint
  readonly resource: Readonly<Record<string, string>>
  readonly attributes: Readonly<Record<string, string>>
}

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

function textOf(field: EventField, span: TestSpan): string | undefined {
  if (field.scope === 'intrinsic') {
    if (field.name === 'name') return span.name
    if (field.name === 'kind') return span.kind.toLowerCase()
    if (field.name === 'status')
      return span.status
        .toUpperCase()
        .replace(/^STATUS_CODE_/, '')
        .toLowerCase()
    return undefined
  }
  if (field.scope === 'resource') return span.resource[field.name]
  if (field.scope === 'attribute') return span.attributes[field.name]
  if (/^(k8s|cloud|service)\./.test(field.name)) return span.resource[field.name] ?? span.attributes[field.name]
  if (/^(http|db)\./.test(field.name)) return span.attributes[field.name]
  return span.attributes[field.name] ?? span.resource[field.name]
}

const bytes = (text: string) => Buffer.from(text, 'utf8')

function ordered(order: number, comparison: string): boolean {
  const table: Record<string, boolean> = {
    '==': order === 0,
    '!=': order !== 0,
    '<': order < 0,
    '<=': order <= 0,
    '>': order > 0,
    '>=': order >= 0,
  }
  return table[comparison] ?? false
}

function compareValue(field: EventField, comparison: string, value: EventFilterValue, span: TestSpan): boolean {
  if (field.scope === 'intrinsic' && field.name === 'duration') {
    if (value.type !== 'duration' && value.type !== 'number') return false
    return ordered(Number(span.durationNs) - Number(value.value), comparison)
  }
  const text = textOf(field, span)
  if (text === undefined) return false
  if (value.type === 'number' || value.type === 'duration') {
    if (!decimal.test(text)) return false
    return ordered(Number(text) - Number(value.value), comparison)
  }
  if (value.type === 'boolean') {
    if (text !== 'true' && text !== 'false') return false
    return ordered(Buffer.compare(bytes(text), bytes(String(value.value))), comparison)
  }
  return ordered(Buffer.compare(bytes(text), bytes(normalised(field, value.value))), comparison)
}

function normalised(field: EventField, text: string): string {
  if (field.scope !== 'intrinsic' || field.name === 'name') return text
  const prefix = field.name === 'kind' ? /^SPAN_KIND_/i : /^STATUS_CODE_/i
  return text.replace(prefix, '').toLowerCase()
}

export function evaluateFilter(filter: EventFilter, span: TestSpan): boolean {
  switch (filter.op) {
    case 'literal':
      return filter.value.type === 'boolean' && filter.value.value
    case 'not':
      return !evaluateFilter(filter.operand, span)
    case 'and':
      return filter.operands.every(operand => evaluateFilter(operand, span))
    case 'or':
      return filter.operands.some(operand => evaluateFilter(operand, span))
    case 'compare':
      return compareValue(filter.field, filter.comparison, filter.value, span)
    case 'in':
      return filter.values.some(value => compareValue(filter.field, '==', value, span))
    case 'has': {
      if (filter.field.scope === 'intrinsic' && filter.field.name === 'duration') return true
      const text = textOf(filter.field, span)
      return filter.field.scope === 'intrinsic' || filter.field.name === 'service.name'
        ? Boolean(text)
        : text !== undefined
    }
    case 'text': {
      if (filter.field.scope === 'intrinsic' && filter.field.name === 'duration') return false
      const text = textOf(filter.field, span)
      if (text === undefined) return false
      const value = normalised(filter.field, filter.value)
      if (filter.function === 'startsWith') return text.startsWith(value)
      if (filter.function === 'endsWith') return text.endsWith(value)
      if (filter.function === 'contains') return text.includes(value)
      return patterns.get(filter.value)?.test(text) ?? false
    }
  }
}
