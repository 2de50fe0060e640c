import { isUtf8 } from 'node:buffer'
import { NinefoldError } from '../../lib/errors.ts'
import type { Wrong } from './check-attributes.ts'
import { eventLimits } from './event-limits.ts'
import { readJson } from './json-value.ts'
import { invalid, isJsonType, type MessageForm, readEvents } from './read-events.ts'

/** One HTTP request as it came. */
export interface SentEvents {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: Uint8Array
}

/** What a request becomes on the bus. */
export interface EventMessage {
  readonly value: Uint8Array
  readonly contentType: string
  /** How many different events are in it. */
  readonly events: number
}

const mediaTypes: Readonly<Record<string, MessageForm>> = {
  'application/cloudevents+json': 'event',
  'application/cloudevents-batch+json': 'batch',
}

/**
 * The CloudEvents of a request, in any mode of the HTTP binding: structured and batched as they were sent, binary put together as JSON.
 * @throws EVENTS_UNSUPPORTED_MEDIA_TYPE, and what `readEvents` throws; of binary mode naming the headers.
 */
export function readHttpMessage(sent: SentEvents): EventMessage {
  const contentType = headerOf(sent, 'content-type')
  const [media = '', ...parameters] = contentType.split(';').map(part => part.trim().toLowerCase())
  if (sent.body.length > eventLimits.maxBytes)
    throw new NinefoldError('EVENTS_LIMIT_EXCEEDED', `a body of ${sent.body.length} bytes`)
  const form = mediaTypes[media]
  if (form !== undefined) {
    const charset = parameters.find(parameter => parameter.startsWith('charset='))?.replaceAll('"', '')
    if (charset !== undefined && charset !== 'charset=utf-8') throw unsupported(contentType)
    const events = readEvents(utf8(sent.body, 'the body'), form).length
    return { value: sent.body, contentType: media, events }
  }
  const isBinary = Object.keys(sent.headers).some(name => name.startsWith('ce-'))
  if (media.startsWith('application/cloudevents') || !isBinary) throw unsupported(contentType)
  return { value: fromHeaders(sent, contentType), contentType: 'application/cloudevents+json', events: 1 }
}

function headerOf({ headers }: SentEvents, name: string): string {
  const value = headers[name]
  return (typeof value === 'string' ? value : value?.join(', ')) ?? ''
}

function unsupported(contentType: string): NinefoldError {
  const shown = JSON.stringify(contentType.slice(0, 100))
  return new NinefoldError(
    'EVENTS_UNSUPPORTED_MEDIA_TYPE',
    `content-type ${shown}, and no ce-* headers that go with it`,
  )
}

/** @throws EVENTS_MALFORMED_BODY */
export function utf8(bytes: Uint8Array, what: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new NinefoldError('EVENTS_MALFORMED_BODY', `${what} is not UTF-8`, { cause })
  }
}

/** Binary mode: attributes in headers, the data as the body. */
function fromHeaders(sent: SentEvents, contentType: string): Uint8Array {
  const attributes: Record<string, string> = {}
  const wrong: Wrong[] = []
  for (const header of Object.keys(sent.headers).filter(name => name.startsWith('ce-'))) {
    const value = decoded(headerOf(sent, header))
    if (header === 'ce-datacontenttype')
      wrong.push({ field: header, message: 'is not sent in binary mode: Content-Type is what it says' })
    else if (header === 'ce-data' || header === 'ce-data_base64')
      wrong.push({ field: header, message: 'is no attribute: the data is the body' })
    else if (value === undefined)
      wrong.push({ field: header, message: 'is not percent-encoded UTF-8 in printable ASCII' })
    else attributes[header.slice('ce-'.length)] = value
  }
  if (wrong.length > 0) throw invalid(wrong, 'header')
  if (contentType !== '') attributes.datacontenttype = contentType
  const text = `${JSON.stringify(attributes).slice(0, -1)}${dataMember(sent.body, contentType)}}`
  try {
    readEvents(text, 'event')
  } catch (error) {
    const found = error instanceof NinefoldError ? error.details.wrong : undefined
    throw found === undefined ? error : invalid((found as readonly Wrong[]).map(inHeader), 'header')
  }
  return Buffer.from(text)
}

function inHeader({ field, message }: Wrong): Wrong {
  return { field: field === 'datacontenttype' ? 'content-type' : `ce-${field}`, message }
}

/** One round of percent-decoding, after quotes that senders of older versions may use; undefined when it is not that. */
function decoded(header: string): string | undefined {
  const quoted = /^"((?:[^"\\]|\\.)*)"$/.exec(header)?.[1]
  const text = quoted === undefined ? header : quoted.replaceAll(/\\(.)/g, '$1')
  if (!/^[\x20-\x7e]*$/.test(text)) return undefined
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** JSON as it was sent, text as a text, anything else as base64; nothing for an empty body. */
function dataMember(body: Uint8Array, contentType: string): string {
  if (body.length === 0) return ''
  if (isJsonType.test(contentType)) {
    const text = utf8(body, 'the data')
    // By itself first: positions are then those of what was sent, and nothing in it can end the event around it.
    readJson(text)
    return `,"data":${text}`
  }
  if (/^text\//i.test(contentType) && isUtf8(body)) return `,"data":${JSON.stringify(utf8(body, 'the data'))}`
  return `,"data_base64":"${Buffer.from(body).toString('base64')}"`
}
