import { NinefoldError } from '../../lib/errors.ts'
import { jsonErrorPosition } from '../../lib/json-error-position.ts'
import { eventLimits } from './event-limits.ts'

/** A number with more digits than a double keeps, as it was written. */
export class LongNumber {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

export type JsonValue = null | boolean | number | string | LongNumber | readonly JsonValue[] | JsonObject
export interface JsonObject {
  readonly [name: string]: JsonValue
}

/** Doubles keep any decimal of so many digits. */
const safeDigits = 15

/**
 * JSON in which no digit of a number is lost: amounts are decimals.
 * @throws EVENTS_MALFORMED_BODY with the position, EVENTS_LIMIT_EXCEEDED when nested too deeply.
 */
export function readJson(text: string): JsonValue {
  // Before parsing: the reviver's way through the values goes down by recursion.
  const tooDeep = positionOfDepth(text, eventLimits.maxDepth)
  if (tooDeep !== null) {
    const message = `JSON nests deeper than ${eventLimits.maxDepth} levels at position ${tooDeep}`
    throw new NinefoldError('EVENTS_LIMIT_EXCEEDED', message)
  }
  try {
    return JSON.parse(text, (_name, value: unknown, context?: { source?: string }) => {
      const source = context?.source
      return typeof value === 'number' && source !== undefined && isLong(source) ? new LongNumber(source) : value
    }) as JsonValue
  } catch (cause) {
    const position = jsonErrorPosition(text) ?? text.length
    const message = `JSON is malformed at position ${position} of ${text.length}`
    throw new NinefoldError('EVENTS_MALFORMED_BODY', message, { cause })
  }
}

function isLong(source: string): boolean {
  const digits = source.replace(/e.*$/i, '').replace(/[-.]/g, '').replace(/^0+/, '')
  return digits.length > safeDigits
}

/** Where brackets outside of texts nest deeper than so many levels, or null. */
function positionOfDepth(text: string, deepest: number): number | null {
  let level = 0
  let isText = false
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (isText) {
      if (character === '\\') at++
      else if (character === '"') isText = false
    } else if (character === '"') isText = true
    else if (character === '{' || character === '[') {
      level++
      if (level > deepest) return at
    } else if (character === '}' || character === ']') level--
  }
  return null
}

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof LongNumber)
}

/** The value as JSON, long numbers as they were written. */
export function writeJson(value: JsonValue): string {
  if (value instanceof LongNumber) return value.text
  if (Array.isArray(value)) return `[${value.map(writeJson).join(',')}]`
  if (!isJsonObject(value)) return JSON.stringify(value)
  return `{${Object.entries(value)
    .map(([name, inner]) => `${JSON.stringify(name)}:${writeJson(inner)}`)
    .join(',')}}`
}
