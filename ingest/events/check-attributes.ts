import { readEventTime } from './event-time.ts'
import { type JsonObject, type JsonValue, LongNumber } from './json-value.ts'

/** What CloudEvents 1.0 says of attributes and their values. */

export interface Wrong {
  /** The attribute. */
  readonly field: string
  readonly message: string
}

type Check = (text: string) => string | undefined

/** Control characters, and what Unicode has set apart. */
const barred = /\p{Cc}|\p{Noncharacter_Code_Point}/u
const uriCharacters = /^(?:[A-Za-z0-9._~:/?#[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+$/
const scheme = /^[A-Za-z][A-Za-z0-9+.-]*:/
const mediaType = /^[A-Za-z0-9!#$&^_.+-]+\/[A-Za-z0-9!#$&^_.+-]+ *(?:;.*)?$/
const attributeName = /^[a-z0-9]+$/

const uriReference: Check = text => {
  const isUri = uriCharacters.test(text) && text.split('#').length <= 2
  // A colon before the first slash ends a scheme.
  const isSchemed = scheme.test(text) || !/^[^/?#]*:/.test(text)
  return isUri && isSchemed ? undefined : 'is no URI reference of RFC 3986 (percent-encode what it may not have)'
}

const checks: Readonly<Record<string, Check>> = {
  id: () => undefined,
  type: () => undefined,
  subject: () => undefined,
  source: uriReference,
  specversion: text => (text === '1.0' ? undefined : 'is not 1.0, which is what is taken here'),
  datacontenttype: text => (mediaType.test(text) ? undefined : 'is no media type of RFC 2046'),
  dataschema: text => uriReference(text) ?? (scheme.test(text) ? undefined : 'is no URI: a scheme is missing'),
  time: text => {
    const read = readEventTime(text)
    return 'problem' in read ? read.problem : undefined
  },
}
const required = ['specversion', 'id', 'source', 'type']
/** Members of the JSON format that are no attributes. */
export const payloadNames = ['data', 'data_base64']

/** Everything that is wrong with the attributes of an event. */
export function wrongAttributes(event: JsonObject): Wrong[] {
  const missing = required
    .filter(name => event[name] === undefined || event[name] === null)
    .map(field => ({ field, message: 'is missing' }))
  const given = Object.entries(event).flatMap(([name, value]) => {
    // Null is an attribute that is not set.
    if (value === null || payloadNames.includes(name)) return []
    const message = wrongAttribute(name, value)
    return message === undefined ? [] : [{ field: name.slice(0, 100), message }]
  })
  return [...missing, ...given]
}

function wrongAttribute(name: string, value: JsonValue): string | undefined {
  if (!attributeName.test(name)) return 'is no name of an attribute: those are of the letters a to z and digits'
  const check = checks[name]
  if (typeof value === 'string') {
    if (barred.test(value) || !value.isWellFormed()) return 'has control characters or what is no Unicode character'
    if (check === undefined) return undefined
    return value === '' ? 'is empty' : check(value)
  }
  if (check !== undefined) return 'is not a text'
  if (typeof value === 'boolean') return undefined
  const isInteger = typeof value === 'number' && Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 31
  if (isInteger) return undefined
  return typeof value === 'number' || value instanceof LongNumber
    ? 'is a number that is no integer of 32 bits: write it as a text, or into the data'
    : 'is neither text, boolean nor integer: lists and objects belong in the data'
}
