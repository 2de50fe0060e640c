import { quoteString } from '../client/sql-text.ts'

/** Where each layer is read from: the first attribute that is present wins. Keys are the layers' columns. */
export type LayerSources = Readonly<Record<LayerColumn, readonly string[]>>

/** Layer columns that describe where an event comes from; the resource tells all but Component, which the event itself names. */
export const resourceLayerColumns = [
  'Region',
  'AvailabilityZone',
  'Cluster',
  'Node',
  'Pod',
  'Container',
  'Process',
  'Environment',
] as const
export type LayerColumn = (typeof resourceLayerColumns)[number] | 'Component'

/** An AnyValue as text, as the Collector's ClickHouse exporter writes it. Lists, maps and bytes were made text by the gateway. */
export const valueText = (value: string) =>
  `multiIf(${value}.value = 'string_value', ${value}.string_value, ${value}.value = 'int_value', toString(${value}.int_value), ${value}.value = 'bool_value', if(${value}.bool_value, 'true', 'false'), ${value}.value = 'double_value', toString(${value}.double_value), '')`

/**
 * Key-value list → Map(LowCardinality(String), String). A column of a subquery of its own wherever something is read from it: the planner
 * repeats a name's whole expression at each place that says it, which takes longer than the rows of a small batch.
 */
export const attributeMap = (list: string) =>
  `CAST((${list}.key, arrayMap(v -> ${valueText('v')}, ${list}.value)), 'Map(LowCardinality(String), String)')`

/** The first of the attributes that is present and not empty, or ''. */
export function firstAttribute(map: string, attributes: readonly string[]): string {
  const [first, ...rest] = attributes.map(name => `${map}[${quoteString(name)}]`)
  if (first === undefined) return `''`
  if (rest.length === 0) return first
  const choices = [first, ...rest].slice(0, -1).map(choice => `${choice} != '', ${choice}`)
  return `multiIf(${choices.join(', ')}, ${rest.at(-1)})`
}

export const nanosecondTimestamp = (nanoseconds: string) => `fromUnixTimestamp64Nano(toInt64(${nanoseconds}), 'UTC')`

export const hexId = (bytes: string) => `lower(hex(${bytes}))`

/** Resource columns, computed once a resource and then repeated for its events. */
export function resourceColumns(sources: LayerSources): string {
  const layers = resourceLayerColumns.map(
    column => `${firstAttribute('ResourceAttributes', sources[column])} AS ${column}`,
  )
  const synthetic = `ResourceAttributes['synthetic'] = 'true' AS ${syntheticResource}`
  return [`ResourceAttributes['service.name'] AS ServiceName`, ...layers, synthetic].join(',\n          ')
}

/** Passed on beside the layers: whether everything of this resource is synthetic. */
const syntheticResource = 'FromSynthetic'

/** What is known of a resource and repeated for its events, beside what each signal adds. */
export const passedOnColumns = ['ServiceName', 'ResourceAttributes', ...resourceLayerColumns, syntheticResource]

/** Whether an event was made by a prober or a test, by its own attributes or its resource's. */
export const isSynthetic = (map: string) => `${map}['synthetic'] = 'true' OR ${syntheticResource}`
