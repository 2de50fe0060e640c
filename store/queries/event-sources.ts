import type { EventField } from './event-filter.ts'

/** Where the events of a signal are and what the names of a filter mean there. */
export interface EventSource {
  readonly signal: string
  readonly table: string
  /** Column with the event's own time. */
  readonly time: string
  /** Map column of the event's own attributes. */
  readonly attributes: string
  /** Columns of intrinsics; one that a signal does not have is missing, so every comparison with it is false. */
  readonly intrinsics: Readonly<Partial<Record<IntrinsicName, string>>>
  /** Attributes that have columns of their own, by name; an empty one is absent. */
  readonly columns?: Readonly<Record<string, string>>
  /** The same event may have come several times and counts once (event-deliveries.ts). */
  readonly mayRepeat?: true
}

type IntrinsicName = Extract<EventField, { scope: 'intrinsic' }>['name']

const traces: EventSource = {
  signal: 'traces',
  table: 'otel_traces',
  time: 'Timestamp',
  attributes: 'SpanAttributes',
  intrinsics: {
    name: 'SpanName',
    kind: 'SpanKind',
    status: 'StatusCode',
    duration: 'Duration',
    synthetic: 'Synthetic',
  },
}

const logs: EventSource = {
  signal: 'logs',
  table: 'otel_logs',
  time: 'Timestamp',
  attributes: 'LogAttributes',
  intrinsics: { name: 'EventName', severity: 'SeverityText', body: 'Body', synthetic: 'Synthetic' },
}

/** Points of all kinds, each kind in a table of its own (metric-counts.ts). */
export const metrics: EventSource = {
  signal: 'metrics',
  table: 'otel_metrics_gauge',
  time: 'TimeUnix',
  attributes: 'Attributes',
  intrinsics: {
    name: 'MetricName',
    value: 'Value',
    synthetic: 'Synthetic',
  },
}

/** Runs of synthetic transactions: those of their spans that are of a whole run. */
const synthetics: EventSource = {
  signal: 'synthetics',
  table: 'synthetic_results',
  time: 'Timestamp',
  attributes: 'SpanAttributes',
  intrinsics: { name: 'Transaction', status: 'StatusCode', duration: 'Duration', synthetic: 'Synthetic' },
}

/** CloudEvents. */
const events: EventSource = {
  signal: 'events',
  table: 'events',
  time: 'Time',
  attributes: 'Attributes',
  intrinsics: { synthetic: 'Synthetic' },
  columns: {
    id: 'Id',
    source: 'Source',
    type: 'Type',
    subject: 'Subject',
    specversion: 'SpecVersion',
    datacontenttype: 'DataContentType',
    dataschema: 'DataSchema',
  },
  mayRepeat: true,
}

/** Signals whose rows verdicts can be given on. */
export const eventSources: Readonly<Record<string, EventSource>> = { traces, logs, metrics, synthetics, events }

/** The column of an attribute that has one of its own, in this signal or in all. */
export function columnOf(field: Exclude<EventField, { scope: 'intrinsic' }>, source: EventSource): string | undefined {
  // Foreign writers and ours both keep the service's name in a column of its own, which the tables are ordered by.
  if (field.name === 'service.name' && field.scope !== 'attribute') return 'ServiceName'
  if (field.scope === 'resource' || source.columns === undefined) return undefined
  return Object.hasOwn(source.columns, field.name) ? source.columns[field.name] : undefined
}

/** Conventions that describe the sender: looked up in the resource first, then in the event. */
const resourceNames =
  /^(service|deployment|cloud|k8s|host|container|process|os|device|telemetry|faas|aws|gcp|azure|heroku|webengine|browser)\./
/** Conventions that describe the event: the resource is not asked, so that its map need not be read. */
const eventNames =
  /^(http|url|rpc|db|messaging|error|exception|network|client|server|user_agent|user|session|code|thread|graphql|feature_flag|event|log|peer|net|otel)\./

/** What CloudEvents have of their own: extensions, whose names have no dot, and what is in the data. */
const cloudEventNames = /^(data\.|[^.]+$)/

/** In which map columns, in this order, an unqualified name is looked up. */
export function lookupOrder(name: string, source: EventSource): readonly string[] {
  if (source.columns !== undefined && cloudEventNames.test(name)) return [source.attributes]
  if (resourceNames.test(name)) return ['ResourceAttributes', source.attributes]
  if (eventNames.test(name)) return [source.attributes]
  return [source.attributes, 'ResourceAttributes']
}
