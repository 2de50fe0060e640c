import protobuf from 'protobufjs'
import { otlpSchema } from '../../lib/otlp-schema.ts'

/**
 * The OTLP schema as a flat table, so that a payload can be walked without building an object per message: one 32-bit cell
 * per message type and field number. Derived from the schema text, so walker, JSON reader and engine cannot drift apart.
 */

/** What a walker does with a field's bytes. */
export const fieldKinds = { scalar: 1, string: 2, bytes: 3, message: 4, time: 5, exotic: 6 } as const

/** Layout of a cell: kind in bits 0–3, wire type in 4–6, message index in 8–15, then flags. 0 means unknown field. */
export const cellBits = {
  kindMask: 0xf,
  wireShift: 4,
  typeShift: 8,
  item: 1 << 16,
  attribute: 1 << 17,
  packable: 1 << 18,
  /** The instant lands in a DateTime column (until 2106-02-07) and not in a DateTime64(9) (until 2262-04-11). */
  secondsColumn: 1 << 19,
  value: 1 << 20,
  key: 1 << 21,
  /** Types narrower than the variable-length integer that carries them. */
  bool: 1 << 22,
  int32: 1 << 23,
  uint32: 1 << 24,
} as const

/** High words of the first nanosecond that a column cannot hold: 2^32 seconds, and 2^63 nanoseconds. */
export const highWordBounds = { seconds: 1_000_000_000, nanoseconds: 0x8000_0000 } as const

/** Field numbers from 32 up are unknown to OTLP. */
export const fieldsPerMessage = 32

export interface WireField {
  readonly id: number
  /** As in the schema, snake case. */
  readonly name: string
  /** As in OTLP/JSON, lower camel case. */
  readonly jsonName: string
  /** Type name in the schema: `string`, `fixed64`, `Span`, … */
  readonly type: string
  readonly repeated: boolean
  readonly message: number | null
}

export interface WireMessage {
  readonly index: number
  readonly name: string
  readonly fields: readonly (WireField | undefined)[]
  readonly byJsonName: ReadonlyMap<string, WireField>
  /** Field numbers of the instants every such message must carry, as bits. */
  readonly requiredTimes: number
}

export interface WireTable {
  readonly root: protobuf.Root
  readonly messages: readonly WireMessage[]
  /** `cells[message * 32 + field]`. */
  readonly cells: Int32Array
  /** Bits of the fields that may not have been seen before this one: itself when singular, its siblings in a oneof. */
  readonly exclusive: Int32Array
  index(name: string): number
}

const wireTypes: Readonly<Record<string, number>> = {
  double: 1,
  fixed64: 1,
  sfixed64: 1,
  fixed32: 5,
  string: 2,
  bytes: 2,
  bool: 0,
  int32: 0,
  int64: 0,
  uint32: 0,
  uint64: 0,
  sint32: 0,
}
const itemTypes = new Set([
  'Span',
  'LogRecord',
  'NumberDataPoint',
  'HistogramDataPoint',
  'ExponentialHistogramDataPoint',
  'SummaryDataPoint',
])
const secondsTypes = /DataPoint$|^Exemplar$/
const requiredTimeNames = new Set(['Span.start_time_unix_nano', 'Span.end_time_unix_nano'])

function isRequiredTime(message: string, field: protobuf.Field): boolean {
  return field.name === 'time_unix_nano' || requiredTimeNames.has(`${message}.${field.name}`)
}

function kindOf(field: protobuf.Field): number {
  const exotic = ['array_value', 'kvlist_value', 'bytes_value'].includes(field.name)
  if (exotic) return fieldKinds.exotic
  if (field.type === 'string') return fieldKinds.string
  if (field.type === 'bytes') return fieldKinds.bytes
  if (wireTypes[field.type] === undefined) return fieldKinds.message
  return field.name.endsWith('time_unix_nano') ? fieldKinds.time : fieldKinds.scalar
}

const narrowBits: Readonly<Record<string, number>> = {
  bool: cellBits.bool,
  int32: cellBits.int32,
  uint32: cellBits.uint32,
  sint32: cellBits.uint32,
}

function cellOf(message: string, field: protobuf.Field, type: number): number {
  const wire = wireTypes[field.type] ?? 2
  let cell = kindOf(field) | (wire << cellBits.wireShift) | (type << cellBits.typeShift)
  if (field.repeated && itemTypes.has(field.type)) cell |= cellBits.item
  if (field.repeated && field.type === 'KeyValue' && message !== 'KeyValueList') cell |= cellBits.attribute
  if (field.repeated && wire !== 2) cell |= cellBits.packable
  if (secondsTypes.test(message)) cell |= cellBits.secondsColumn
  cell |= narrowBits[field.type] ?? 0
  if (message === 'KeyValue') cell |= field.name === 'key' ? cellBits.key : cellBits.value
  return cell
}

function exclusiveOf(field: protobuf.Field): number {
  if (field.repeated) return 0
  const siblings = field.partOf?.fieldsArray ?? [field]
  return siblings.reduce((bits, sibling) => bits | (1 << sibling.id), 0)
}

const camelCase = (name: string): string => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())

function describe(type: protobuf.Type, index: number, indexes: ReadonlyMap<string, number>): WireMessage {
  const fields: (WireField | undefined)[] = new Array(fieldsPerMessage).fill(undefined)
  const byJsonName = new Map<string, WireField>()
  let requiredTimes = 0
  for (const field of type.fieldsArray) {
    const { id, name, repeated } = field
    const described = {
      id,
      name,
      repeated,
      jsonName: camelCase(name),
      type: field.type,
      message: indexes.get(field.type) ?? null,
    }
    fields[id] = described
    // The Collector reads the snake case names too, although OTLP/JSON asks senders for camel case.
    byJsonName.set(name, described)
    byJsonName.set(described.jsonName, described)
    if (isRequiredTime(type.name, field)) requiredTimes |= 1 << id
  }
  return { index, name: type.name, fields, byJsonName, requiredTimes }
}

/** Compiles the table; once per gateway. */
export function createWireTable(): WireTable {
  const { root } = protobuf.parse(otlpSchema, { keepCase: true })
  root.resolveAll()
  const types = root.nestedArray.filter(nested => nested instanceof protobuf.Type)
  const indexes = new Map(types.map((type, index) => [type.name, index]))
  const cells = new Int32Array(types.length * fieldsPerMessage)
  const exclusive = new Int32Array(types.length * fieldsPerMessage)
  for (const [index, type] of types.entries()) {
    for (const field of type.fieldsArray) {
      const at = index * fieldsPerMessage + field.id
      cells[at] = cellOf(type.name, field, indexes.get(field.type) ?? 0)
      exclusive[at] = exclusiveOf(field)
    }
  }
  const index = (name: string): number => {
    const found = indexes.get(name)
    if (found === undefined) throw new RangeError(`the OTLP schema has no message ${name}`)
    return found
  }
  return { root, messages: types.map((type, at) => describe(type, at, indexes)), cells, exclusive, index }
}
