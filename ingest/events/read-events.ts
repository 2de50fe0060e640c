import { type ErrorCode, NinefoldError } from '../../lib/errors.ts'
import { payloadNames, type Wrong, wrongAttributes } from './check-attributes.ts'
import { eventLimits } from './event-limits.ts'
import { readEventTime } from './event-time.ts'
import { flattenData } from './flatten-data.ts'
import { isJsonObject, type JsonObject, type JsonValue, readJson, writeJson } from './json-value.ts'

/** A CloudEvent as it is stored; what is not set is empty. */
export interface CloudEvent {
  readonly id: string
  readonly source: string
  readonly type: string
  readonly specVersion: string
  readonly subject: string
  readonly dataContentType: string
  readonly dataSchema: string
  /** Nanoseconds since the epoch; null when the event does not say. */
  readonly timeNano: bigint | null
  /** JSON, the text of another type, or the bytes of data_base64. */
  readonly data: Buffer
  /** Extensions by their names, and what is in the data by its path. */
  readonly attributes: ReadonlyMap<string, string>
}

/** What a message is to be; `either` is told by its first character. */
export type MessageForm = 'event' | 'batch' | 'either'

const mostProblems = 20
/** Media types whose content is JSON, `application/json` and `…+json`, with or without parameters. */
export const isJsonType = /^[^;]*\/(?:[^;]*\+)?json *(?:;|$)/i
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/**
 * The CloudEvents of a message in JSON, each once: of those with the same source and id the first one.
 * @throws EVENTS_MALFORMED_BODY with the position; EVENTS_INVALID with every event and field that is wrong (details: errors);
 *   EVENTS_LIMIT_EXCEEDED with the limit.
 */
export function readEvents(text: string, form: MessageForm): CloudEvent[] {
  const value = readJson(text)
  const isBatch = form === 'batch' || (form === 'either' && Array.isArray(value))
  if (isBatch && !Array.isArray(value)) throw invalid([{ field: '', message: 'a batch is a list of events' }])
  const sent: readonly JsonValue[] = isBatch ? (value as readonly JsonValue[]) : [value]
  if (sent.length > eventLimits.maxEvents)
    throw limit(`${sent.length} events in one message, ${eventLimits.maxEvents} are taken`)
  const wrong: Wrong[] = []
  const events = new Map<string, CloudEvent>()
  for (const [index, one] of sent.entries()) {
    const at = isBatch ? `events[${index}]` : ''
    const found = isJsonObject(one) ? wrongIn(one) : [{ field: '', message: 'is no object' }]
    wrong.push(...found.map(({ field, message }) => ({ field: [at, field].filter(Boolean).join('.'), message })))
    if (!isJsonObject(one) || found.length > 0) continue
    const event = eventOf(one)
    if (event.attributes.size > eventLimits.maxAttributes)
      throw limit(
        `${at || 'the event'} has ${event.attributes.size} extensions and fields of data, ${eventLimits.maxAttributes} are taken`,
      )
    const key = JSON.stringify([event.source, event.id])
    if (!events.has(key)) events.set(key, event)
  }
  if (wrong.length > 0) throw invalid(wrong)
  return [...events.values()]
}

/** The error of events that are not as CloudEvents says. @param where in which part of a request the fields are. */
export function invalid(wrong: readonly Wrong[], where: 'body' | 'header' = 'body'): NinefoldError {
  const told = wrong.slice(0, mostProblems)
  const more = wrong.length - told.length
  const texts = told.map(({ field, message }) => (field === '' ? message : `${field} ${message}`))
  const errors = told.map(({ field, message }) => ({ in: where, parameter: field, message }))
  const code: ErrorCode = 'EVENTS_INVALID'
  return new NinefoldError(code, [...texts, ...(more > 0 ? [`and ${more} more`] : [])].join('; '), {
    details: { errors, wrong },
  })
}

const limit = (message: string) => new NinefoldError('EVENTS_LIMIT_EXCEEDED', message)

function wrongIn(event: JsonObject): Wrong[] {
  const wrong = wrongAttributes(event)
  const { data_base64: encoded, datacontenttype: type } = event
  if (encoded !== undefined && encoded !== null) {
    if (event.data !== undefined) wrong.push({ field: 'data', message: 'and data_base64 do not go together' })
    if (typeof encoded !== 'string' || !base64.test(encoded))
      wrong.push({ field: 'data_base64', message: 'is not base64 of RFC 4648' })
  } else if (typeof type === 'string' && !isJsonType.test(type)) {
    const isText = typeof event.data === 'string' || event.data === undefined || event.data === null
    if (!isText)
      wrong.push({ field: 'data', message: `is not a text, which datacontenttype ${type.slice(0, 100)} asks for` })
  }
  return wrong
}

function eventOf(event: JsonObject): CloudEvent {
  const text = (name: string) => (typeof event[name] === 'string' ? event[name] : '')
  const time = typeof event.time === 'string' ? readEventTime(event.time) : undefined
  const attributes = new Map<string, string>()
  for (const [name, value] of Object.entries(event))
    if (value !== null && !ownColumns.has(name)) attributes.set(name, String(value))
  flattenData(event.data, attributes)
  return {
    id: text('id'),
    source: text('source'),
    type: text('type'),
    specVersion: text('specversion'),
    subject: text('subject'),
    dataContentType: text('datacontenttype'),
    dataSchema: text('dataschema'),
    timeNano: time !== undefined && 'nanoseconds' in time ? time.nanoseconds : null,
    data: dataOf(event),
    attributes,
  }
}

const ownColumns = new Set([
  ...payloadNames,
  'id',
  'source',
  'type',
  'specversion',
  'subject',
  'datacontenttype',
  'dataschema',
  'time',
])

function dataOf({ data, data_base64: encoded, datacontenttype: type }: JsonObject): Buffer {
  if (typeof encoded === 'string') return Buffer.from(encoded, 'base64')
  if (data === undefined) return Buffer.alloc(0)
  const isText = typeof type === 'string' && !isJsonType.test(type) && typeof data === 'string'
  return Buffer.from(isText ? data : writeJson(data))
}
