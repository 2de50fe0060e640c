import { EngineError } from './engine-error.ts'

/** A type as format Native names it: `Map(String, Array(UInt8))` is Map of [String, Array of [UInt8]]. */
export interface NativeType {
  readonly name: string
  readonly arguments: readonly string[]
}

/** Bytes of one value of a type whose values are all of one length. */
const widths: Readonly<Record<string, number>> = {
  ...{ UInt8: 1, UInt16: 2, UInt32: 4, UInt64: 8, UInt128: 16, UInt256: 32 },
  ...{ Int8: 1, Int16: 2, Int32: 4, Int64: 8, Int128: 16, Int256: 32 },
  ...{ BFloat16: 2, Float32: 4, Float64: 8, Bool: 1, UUID: 16, IPv4: 4, IPv6: 16, Enum8: 1, Enum16: 2, Nothing: 1 },
  ...{ Date: 2, Date32: 4, DateTime: 4, DateTime64: 8, Time: 4, Time64: 8 },
}

const decimalWidths = [
  [9, 4],
  [18, 8],
  [38, 16],
  [76, 32],
] as const

export function readNativeType(text: string): NativeType {
  const open = text.indexOf('(')
  return open < 0
    ? { name: text, arguments: [] }
    : { name: text.slice(0, open), arguments: splitArguments(text.slice(open + 1, -1)) }
}

/** At commas that stand in no parentheses and no quotes. */
function splitArguments(text: string): string[] {
  const tokens = text.matchAll(/'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`|[(),]|[^'`(),]+/g)
  const found = ['']
  let depth = 0
  for (const [token] of tokens) {
    if (token === '(') depth++
    if (token === ')') depth--
    if (token === ',' && depth === 0) found.push('')
    else found.push(found.pop() + token)
  }
  return found.map(argument => argument.trim())
}

/** The type of an element of a Tuple or Nested, which may have a name before it. */
const withoutName = (element: string) => element.replace(/^(?:`(?:[^`\\]|\\.)*`|\w+) (?=[A-Z])/, '')

/** How many bytes the engine writes ahead of a column's values: a version for each LowCardinality in its type. */
export function prefixLength(text: string): number {
  const { name, arguments: inner } = readNativeType(text)
  if (name === 'LowCardinality') return 8
  return inner.reduce((sum, type) => sum + prefixLength(withoutName(type)), 0)
}

/**
 * Where the values of `rows` rows of a column end that begin at `at`, without what is ahead of them.
 * @throws EngineError NOT_IMPLEMENTED for a type whose bytes depend on more than its name.
 */
export function endOfValues(text: string, bytes: Buffer, at: number, rows: number): number {
  if (rows === 0) return at
  const { name, arguments: inner } = readNativeType(text)
  const [first = '', second = ''] = inner
  const width = widths[name] ?? (name.startsWith('Interval') ? 8 : undefined)
  if (width !== undefined) return at + rows * width
  switch (name) {
    case 'FixedString':
      return at + rows * Number(first)
    case 'Decimal':
      return at + rows * (decimalWidths.find(([digits]) => Number(first) <= digits)?.[1] ?? 0)
    case 'String':
      return endOfStrings(bytes, at, rows)
    case 'Nullable':
      return endOfValues(first, bytes, at + rows, rows)
    case 'SimpleAggregateFunction':
      return endOfValues(second, bytes, at, rows)
    case 'LowCardinality':
      return endOfDictionary(first.replace(/^Nullable\((.*)\)$/, '$1'), bytes, at)
    case 'Tuple':
      return inner.reduce((end, element) => endOfValues(withoutName(element), bytes, end, rows), at)
    case 'Array':
      return endOfArray([first], bytes, at, rows)
    case 'Map':
    case 'Nested':
      return endOfArray(inner.map(withoutName), bytes, at, rows)
    default:
      throw new EngineError(
        48,
        `Code: 48. DB::Exception: this test server does not write ${name} for a client that names its protocol version. (NOT_IMPLEMENTED)`,
      )
  }
}

/** Offsets first, of which the last is how many elements there are of each of `types`. */
function endOfArray(types: readonly string[], bytes: Buffer, at: number, rows: number): number {
  const elements = Number(bytes.readBigUInt64LE(at + 8 * (rows - 1)))
  return types.reduce((end, type) => endOfValues(type, bytes, end, elements), at + 8 * rows)
}

/** Flags, of which the lowest byte is the width of an index as a power of two; keys; indexes: counts before both. */
function endOfDictionary(type: string, bytes: Buffer, at: number): number {
  const indexWidth = 2 ** (bytes[at] ?? 0)
  const keys = Number(bytes.readBigUInt64LE(at + 8))
  const afterKeys = endOfValues(type, bytes, at + 16, keys)
  return afterKeys + 8 + Number(bytes.readBigUInt64LE(afterKeys)) * indexWidth
}

function endOfStrings(bytes: Buffer, at: number, count: number): number {
  let end = at
  for (let index = 0; index < count; index++) {
    const length = readVarint(bytes, end)
    end = length.end + length.value
  }
  return end
}

export function readVarint(bytes: Buffer, at: number): { value: number; end: number } {
  let value = 0
  let end = at
  for (let factor = 1; ; factor *= 128) {
    const byte = bytes[end++] ?? 0
    value += (byte & 127) * factor
    if (byte < 128) return { value, end }
  }
}
