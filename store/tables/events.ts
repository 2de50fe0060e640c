import { quoteString } from '../client/sql-text.ts'
import type { PayloadInsert } from '../client/store.ts'
import {
  firstAttribute,
  type LayerSources,
  nanosecondTimestamp,
  passedOnColumns,
  resourceColumns,
  resourceLayerColumns,
} from './payload-expressions.ts'
import { batchStructure, eventRecordSchema } from './payload-structure.ts'

const attributes = 'Array(Tuple(key String, value String))'
const event = `Tuple(id String, source String, type String, spec_version String, subject String, data_content_type String, data_schema String, time_unix_nano UInt64, data String, attributes ${attributes})`

/** Attributes of a resource that an event may name although it is no layer. */
const alsoOfResource = ['service.name', 'service.version', 'synthetic']

/**
 * CloudEvents know no resource. What would be one's attribute is read from the data under its own name (`{"cloud": {"region": …}}` or
 * `{"cloud.region": …}`), else from the extension of that name without what extensions' names may not have (`cloudregion`).
 */
function resourceOf(sources: LayerSources): string {
  const names = [...new Set([...alsoOfResource, ...Object.values(sources).flat()])]
  const pairs = names.map(name => {
    const extension = name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
    return `${quoteString(name)}, ${firstAttribute('Attributes', [`data.${name}`, extension])}`
  })
  return `CAST(mapFilter((k, v) -> v != '', map(${pairs.join(', ')})), 'Map(LowCardinality(String), String)')`
}

const ofEvent = [
  'Id',
  'Source',
  'Type',
  'SpecVersion',
  'Subject',
  'DataContentType',
  'DataSchema',
  'Data',
  'Attributes',
  'ResourceAttributes',
].join(', ')

/** CloudEvents of staged messages as rows of events; one without a time of its own has the time when its message was received. */
export function eventsInsert(sources: LayerSources): PayloadInsert {
  const into = `INSERT INTO events (Time, ReceivedAt, ${ofEvent}, ServiceName, ${resourceLayerColumns.join(', ')}, Component, Synthetic)`
  const select = `SELECT ${nanosecondTimestamp('TimeNano')}, fromUnixTimestamp64Milli(toInt64(ReceivedMs), 'UTC'), ${ofEvent},
  ServiceName, ${resourceLayerColumns.join(', ')}, ${firstAttribute('ResourceAttributes', sources.Component)}, FromSynthetic
FROM (
  SELECT TimeNano, ReceivedMs, ${ofEvent}, ${passedOnColumns.filter(column => column !== 'ResourceAttributes').join(', ')}
  FROM (
    SELECT *, ${resourceColumns(sources)}
    FROM (
      SELECT *, ${resourceOf(sources)} AS ResourceAttributes
      FROM (
        SELECT e.time_unix_nano AS TimeNano, received_at AS ReceivedMs, e.id AS Id, e.source AS Source, e.type AS Type,
          e.spec_version AS SpecVersion, e.subject AS Subject, e.data_content_type AS DataContentType, e.data_schema AS DataSchema,
          e.data AS Data, CAST((e.attributes.key, e.attributes.value), 'Map(LowCardinality(String), String)') AS Attributes
        FROM (SELECT received_at, arrayJoin(payload.events) AS e FROM {source})
      )
    )
  )
)`
  return {
    name: 'CloudEvents into events',
    table: 'events',
    into,
    select,
    structure: batchStructure('events', event),
    messageName: 'EventRecord',
    protobufSchema: eventRecordSchema,
  }
}
