import type { BucketEnd, EventField } from './event-filter.ts'
import { columnOf, type EventSource, lookupOrder } from './event-sources.ts'
import type { PlaceholderList } from './placeholders.ts'

/** How a field is read in SQL. `present` is '1' when it cannot be missing; a field that the signal lacks is `absent`. */
export type FieldSql =
  | { readonly kind: 'absent' }
  /** Text, perhaps of a number: attributes, names, bodies. `foldCase`: constants are compared in the column's normal form. */
  | {
      readonly kind: 'text'
      readonly text: string
      readonly present: string
      readonly normalise: (text: string) => string
    }
  | { readonly kind: 'severity'; readonly text: string; readonly number: string }
  | { readonly kind: 'integer'; readonly column: string }
  | { readonly kind: 'boolean'; readonly column: string }

const asWritten = (text: string) => text

/** `Error`, `STATUS_CODE_ERROR` and `error` are one thing, and so are `Server` and `SPAN_KIND_SERVER`. */
const withoutPrefix = (prefix: string) => (text: string) =>
  text.replace(new RegExp(`^${prefix}`, 'i'), '').toLowerCase()

/** Severity ranges of OpenTelemetry's logs data model: four numbers each. */
export const severityNumbers: Readonly<Record<string, number>> = {
  TRACE: 1,
  DEBUG: 5,
  INFO: 9,
  WARN: 13,
  ERROR: 17,
  FATAL: 21,
}

const severityText =
  "upper(if(SeverityText != '', SeverityText, " +
  "['', 'TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'][if(SeverityNumber = 0, 1, least(intDiv(SeverityNumber - 1, 4) + 2, 7))]))"

/** Where a histogram's buckets end, as queries over them name it (metric-counts.ts). */
export const bucketEnds = { above: 'BucketAbove', upTo: 'BucketUpTo' } as const

/** The SQL of a field; attribute names go into `placeholders`, never into the text. */
export function fieldSql(field: EventField | BucketEnd, source: EventSource, placeholders: PlaceholderList): FieldSql {
  if (field.scope === 'intrinsic') return intrinsicSql(field.name, source)
  if (field.scope === 'bucket') return { kind: 'integer', column: bucketEnds[field.name] }
  const column = columnOf(field, source)
  if (column !== undefined) return { kind: 'text', text: column, present: `(${column} != '')`, normalise: asWritten }
  const maps = mapsOf(field, source)
  const name = placeholders.name(field.name)
  const present = maps.map(map => `mapContains(${map}, ${name})`)
  const [first = '', second] = maps
  return {
    kind: 'text',
    text: second === undefined ? `${first}[${name}]` : `if(${present[0]}, ${first}[${name}], ${second}[${name}])`,
    present: present.length === 1 ? `${present[0]}` : `(${present.join(' OR ')})`,
    normalise: asWritten,
  }
}

function mapsOf(field: Exclude<EventField, { scope: 'intrinsic' }>, source: EventSource): readonly string[] {
  if (field.scope === 'resource') return ['ResourceAttributes']
  if (field.scope === 'attribute') return [source.attributes]
  return lookupOrder(field.name, source)
}

function intrinsicSql(name: Extract<EventField, { scope: 'intrinsic' }>['name'], source: EventSource): FieldSql {
  const column = source.intrinsics[name]
  if (column === undefined) return { kind: 'absent' }
  switch (name) {
    case 'duration':
    case 'value':
      return { kind: 'integer', column }
    case 'synthetic':
      return { kind: 'boolean', column }
    case 'severity':
      return { kind: 'severity', text: severityText, number: 'SeverityNumber' }
    case 'status':
      return prefixed(column, 'STATUS_CODE_')
    case 'kind':
      return prefixed(column, 'SPAN_KIND_')
    default:
      return { kind: 'text', text: column, present: '1', normalise: asWritten }
  }
}

function prefixed(column: string, prefix: string): FieldSql {
  const text = `lower(replaceOne(upper(${column}), '${prefix}', ''))`
  return { kind: 'text', text, present: '1', normalise: withoutPrefix(prefix) }
}
