import type { EventField, EventFilter } from './event-filter.ts'
import { type EventSource, eventSources } from './event-sources.ts'
import { fieldSql } from './filter-fields.ts'
import { pointSource } from './metric-points.ts'
import { type Constant, PlaceholderList } from './placeholders.ts'
import type { SharedScan } from './raw-scans.ts'
import { compileTotal } from './verdict-shapes.ts'

/** What is worked out of the events of a side of a ratio. */
export type EventAggregate =
  | { readonly function: 'count' }
  | { readonly function: 'sum' | 'uniq' | 'avg' | 'min' | 'max' | 'quantile'; readonly field: EventField }

/** One side of a ratio, as a question to the events of one signal. */
export interface SideQuestion {
  readonly ratio: string
  readonly revision: string
  readonly side: 'numerator' | 'denominator'
  readonly signal: string
  readonly filter: EventFilter
  readonly aggregate: EventAggregate
  /** Columns of the layers that are kept apart; the others are stored empty. */
  readonly layerColumns: readonly string[]
}

export interface SideMember {
  readonly ratio: string
  readonly revision: string
  readonly side: SideQuestion['side']
  readonly constants: readonly Constant[]
}

/** Sides that differ only in constants have one shape, as verdicts do. */
export interface SideShape extends SharedScan {
  readonly source: EventSource
  readonly layerColumns: readonly string[]
  /** What is left of the filter beside the keys; `1` when nothing is. */
  readonly residual: string
  readonly measure: SideMeasure
  readonly members: readonly SideMember[]
}

/** What is taken from each event, as SQL; NULL for what the aggregate does not need and for events without a value. */
export interface SideMeasure {
  /** Nullable(Decimal(76, 18)): sum, avg, min, max. */
  readonly number: string
  /** Nullable(String): uniq. */
  readonly text: string
  /** Nullable(Float64): quantile. */
  readonly measured: string
}

/** Sums are of decimals, so that they are the same in any order and over any layer; beyond this is no measurement, and could overflow. */
const scale = 18
const largest = `toDecimal256('1e40', ${scale})`

const nothing: SideMeasure = {
  number: `CAST(NULL, 'Nullable(Decimal(76, ${scale}))')`,
  text: "CAST(NULL, 'Nullable(String)')",
  measured: "CAST(NULL, 'Nullable(Float64)')",
}

export function groupSides(sides: readonly SideQuestion[]): readonly SideShape[] {
  const groups = new Map<string, { readonly shape: Omit<SideShape, 'members'>; readonly members: SideMember[] }>()
  for (const { ratio, revision, side, signal, filter, aggregate, layerColumns } of sides) {
    const source = signal === 'metrics' ? pointSource : eventSources[signal]
    if (source === undefined) continue
    const list = new PlaceholderList()
    const { keys, residual } = compileTotal(filter, source, list)
    const measure = measureOf(aggregate, source, list)
    const shape = { source, layerColumns, keys, residual, measure, names: list.names }
    const key = JSON.stringify([signal, layerColumns, keys, residual, measure, list.names])
    const group = groups.get(key) ?? { shape, members: [] }
    group.members.push({ ratio, revision, side, constants: list.constants })
    groups.set(key, group)
  }
  return [...groups.values()].map(({ shape, members }) => ({ ...shape, members }))
}

function measureOf(aggregate: EventAggregate, source: EventSource, list: PlaceholderList): SideMeasure {
  switch (aggregate.function) {
    case 'count':
      return nothing
    case 'uniq':
      return { ...nothing, text: textOf(aggregate.field, source, list) }
    case 'quantile':
      return { ...nothing, measured: `toFloat64(${numberOf(aggregate.field, source, list)})` }
    default:
      return { ...nothing, number: numberOf(aggregate.field, source, list) }
  }
}

/** Text of anything but a number, and numbers out of all bounds, are NULL: the event has no value. */
function numberOf(field: EventField, source: EventSource, list: PlaceholderList): string {
  const sql = fieldSql(field, source, list)
  const decimal = (text: string) => {
    const read = `toDecimal256OrNull(${text}, ${scale})`
    return `if(abs(${read}) < ${largest}, ${read}, NULL)`
  }
  switch (sql.kind) {
    case 'text':
      return decimal(sql.text)
    case 'integer':
      // By way of its shortest text, so that the double 0.1 is a tenth.
      return decimal(`toString(${sql.column})`)
    case 'severity':
      return `if(${sql.number} > 0, toDecimal256(${sql.number}, ${scale}), NULL)`
    default:
      return nothing.number
  }
}

function textOf(field: EventField, source: EventSource, list: PlaceholderList): string {
  const sql = fieldSql(field, source, list)
  switch (sql.kind) {
    case 'text':
      return `if(${sql.present}, ${sql.text}, NULL)`
    case 'severity':
      return `nullIf(${sql.text}, '')`
    case 'absent':
      return nothing.text
    default:
      return `CAST(toString(${sql.column}), 'Nullable(String)')`
  }
}
