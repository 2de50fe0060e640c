import type { WireField } from './wire-table.ts'
import type { WireWriter } from './wire-writer.ts'

/** Says what a value should have been; the reader adds where it stands. */
export type Refuse = (expected: string) => never

const ranges: Readonly<Record<string, readonly [bigint, bigint]>> = {
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  sint32: [-(2n ** 31n), 2n ** 31n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  fixed32: [0n, 2n ** 32n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  sfixed64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
  fixed64: [0n, 2n ** 64n - 1n],
}
const base64 = /^[A-Za-z0-9+/_-]*={0,2}$/
const hex = /^(?:[0-9a-fA-F]{2})*$/
const specialDoubles: Readonly<Record<string, number>> = { NaN: NaN, Infinity: Infinity, '-Infinity': -Infinity }

/** An integer as OTLP/JSON writes it: a JSON number, or a string of decimal digits where 53 bits may not do. */
function readInteger(value: unknown, type: string, refuse: Refuse): bigint {
  const [lowest, highest] = ranges[type] ?? [0n, 0n]
  let integer: bigint | undefined
  if (typeof value === 'bigint') integer = value
  else if (typeof value === 'number' && Number.isInteger(value)) integer = BigInt(value)
  else if (typeof value === 'string' && /^-?\d{1,20}$/.test(value)) integer = BigInt(value)
  if (integer === undefined || integer < lowest || integer > highest)
    return refuse(`${type} as a number or decimal string`)
  return integer
}

function readDouble(value: unknown, refuse: Refuse): number {
  if (typeof value === 'number' || typeof value === 'bigint') return Number(value)
  if (typeof value !== 'string') return refuse('a number')
  const special = specialDoubles[value]
  if (special !== undefined) return special
  const number = Number(value)
  return value.trim() === '' || Number.isNaN(number) ? refuse('a number') : number
}

/** Ids are hexadecimal in OTLP/JSON (unlike in protobuf's own JSON); other bytes are base64. */
function readBytes(value: unknown, field: WireField, refuse: Refuse): Buffer {
  const isId = field.name.endsWith('_id')
  if (typeof value !== 'string') return refuse(isId ? 'a hexadecimal string' : 'a base64 string')
  if (isId) return hex.test(value) ? Buffer.from(value, 'hex') : refuse('an even number of hexadecimal digits')
  return base64.test(value) ? Buffer.from(value, 'base64') : refuse('a base64 string')
}

/** Wire type of a scalar, for its tag or for a packed list. */
export function wireTypeOf(type: string): number {
  if (type === 'string' || type === 'bytes') return 2
  if (type === 'double' || type === 'fixed64' || type === 'sfixed64') return 1
  return type === 'fixed32' ? 5 : 0
}

/** Writes one scalar value, without its tag. */
export function writeScalar(writer: WireWriter, field: WireField, value: unknown, refuse: Refuse): void {
  const { type } = field
  if (type === 'string') writer.string(typeof value === 'string' ? value : refuse('a string'))
  else if (type === 'bytes') writer.bytes(readBytes(value, field, refuse))
  else if (type === 'bool') writer.varint((typeof value === 'boolean' ? value : refuse('true or false')) ? 1 : 0)
  else if (type === 'double') writer.double(readDouble(value, refuse))
  else if (type === 'fixed32') writer.fixed32(Number(readInteger(value, type, refuse)))
  else if (type === 'fixed64' || type === 'sfixed64') writer.fixed64(readInteger(value, type, refuse))
  else if (type === 'sint32') {
    const integer = Number(readInteger(value, type, refuse))
    writer.varint(((integer << 1) ^ (integer >> 31)) >>> 0)
  } else writer.varint64(readInteger(value, type, refuse))
}
