import { EVENT_ID, type Event, getScalarValue, parseEvents, SCALAR_STYLE } from 'js-yaml'
import { BareRecord, ReadValue, type SourceText, type YamlLimits, type YamlValue } from './yaml-value.ts'

type ScalarEvent = Extract<Event, { valueStart: number }>

interface Reading {
  readonly events: readonly Event[]
  readonly from: SourceText
  readonly limits: YamlLimits
  /** The next event. */
  index: number
  values: number
}

/** Line ends, tabs and marks that the two parsers need not see alike. */
const unusual = /[\t\r\0\u0085\u2028\u2029\ufeff]/

/**
 * Reads a file that is what nearly all are: no anchors, aliases, tags, directives, merge keys, empty values, keys that are no texts or indentation in numbers, within
 * limits and without mistakes. Undefined for any other, which the reader with all explanations (yaml-documents.ts) is for; this one is many
 * times as fast and sees everything else as that one does (a property test holds both equal, positions included).
 */
export function readPlainYaml(from: SourceText, limits: YamlLimits): YamlValue[] | undefined {
  if (unusual.test(from.text)) return undefined
  const events = eventsOf(from.text, limits)
  if (events === undefined) return undefined
  const reading: Reading = { events, from, limits, index: 0, values: 0 }
  const roots: YamlValue[] = []
  while (reading.index < events.length) {
    const opening = events[reading.index++]
    if (opening?.type !== EVENT_ID.DOCUMENT || opening.directives.length > 0) return undefined
    // The limit of values is one of a document.
    reading.values = 0
    const root = readNode(reading, 0)
    if (root === undefined || events[reading.index++]?.type !== EVENT_ID.POP) return undefined
    roots.push(root)
  }
  return roots
}

function eventsOf(text: string, { maxDepth }: YamlLimits): Event[] | undefined {
  try {
    return parseEvents(text, { maxDepth: maxDepth + 2 })
  } catch {
    // Whatever is wrong with it, the other reader explains.
    return undefined
  }
}

function readNode(reading: Reading, depth: number, keyOffset?: number): YamlValue | undefined {
  const event = reading.events[reading.index++]
  reading.values += 1
  if (event === undefined || reading.values > reading.limits.maxValues || depth > reading.limits.maxDepth)
    return undefined
  if (event.type === EVENT_ID.MAPPING || event.type === EVENT_ID.SEQUENCE || event.type === EVENT_ID.SCALAR) {
    if (event.anchorStart >= 0 || event.tagStart >= 0) return undefined
    if (event.type === EVENT_ID.SCALAR) return readScalar(event, reading.from, keyOffset)
    const parts = event.type === EVENT_ID.MAPPING ? readEntries(reading, depth) : readItems(reading, depth)
    return parts && new ReadValue({ ...parts, from: reading.from, offset: event.start, keyOffset })
  }
  return undefined
}

function readEntries(reading: Reading, depth: number) {
  const children = new BareRecord<YamlValue>()
  const value = new BareRecord<unknown>()
  for (;;) {
    const key = reading.events[reading.index++]
    if (key?.type === EVENT_ID.POP) return { value, children }
    if (key?.type !== EVENT_ID.SCALAR || key.anchorStart >= 0 || key.tagStart >= 0) return undefined
    const { text } = reading.from
    const name = getScalarValue(text, key)
    if (name === '<<' || children[name] !== undefined) return undefined
    if (key.style === SCALAR_STYLE.PLAIN && typeof plainValue(name) !== 'string') return undefined
    const child = readNode(reading, depth + 1, startOf(key, text))
    if (child === undefined) return undefined
    children[name] = child
    value[name] = child.value
  }
}

function readItems(reading: Reading, depth: number) {
  const children: YamlValue[] = []
  const value: unknown[] = []
  while (reading.events[reading.index]?.type !== EVENT_ID.POP) {
    const child = readNode(reading, depth + 1)
    if (child === undefined) return undefined
    children.push(child)
    value.push(child.value)
  }
  reading.index += 1
  return { value, children }
}

const types = {
  [SCALAR_STYLE.PLAIN]: 'PLAIN',
  [SCALAR_STYLE.SINGLE_QUOTED]: 'QUOTE_SINGLE',
  [SCALAR_STYLE.DOUBLE_QUOTED]: 'QUOTE_DOUBLE',
  [SCALAR_STYLE.LITERAL_BLOCK]: 'BLOCK_LITERAL',
  [SCALAR_STYLE.FOLDED_BLOCK]: 'BLOCK_FOLDED',
} as const

function readScalar(event: ScalarEvent, from: SourceText, keyOffset: number | undefined): YamlValue | undefined {
  const source = getScalarValue(from.text, event)
  const value = event.style === SCALAR_STYLE.PLAIN ? plainValue(source) : source
  if (value === undefined) return undefined
  const offset = startOf(event, from.text)
  if (offset < 0) return undefined
  const scalar = { source, type: types[event.style], end: event.valueEnd }
  return new ReadValue({ value, from, offset, keyOffset, scalar })
}

/** The value of a plain text by the core schema; undefined for what is rarely written: nothing, null, infinity, other bases. */
function plainValue(text: string): string | number | boolean | undefined {
  if (/^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/.test(text)) return Number(text)
  if (/^(?:true|True|TRUE)$/.test(text)) return true
  if (/^(?:false|False|FALSE)$/.test(text)) return false
  return /^(?:~|[Nn]ull|NULL|0o[0-7]+|0x[0-9a-fA-F]+|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))?$/.test(text)
    ? undefined
    : text
}

/** Where a scalar begins: with its quote, or with the `|` or `>` of a block; -1 for a block that says how far it is indented. */
function startOf({ style, valueStart }: ScalarEvent, text: string): number {
  if (style === SCALAR_STYLE.PLAIN) return valueStart
  if (style === SCALAR_STYLE.SINGLE_QUOTED || style === SCALAR_STYLE.DOUBLE_QUOTED) return valueStart - 1
  const lineStart = text.lastIndexOf('\n', valueStart - 2) + 1
  const header = text.slice(lineStart, valueStart).search(/[|>][-+]? *(?:#.*)?\n?$/)
  return header < 0 ? -1 : lineStart + header
}
