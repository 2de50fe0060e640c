import { WireCursor } from './wire-cursor.ts'

/** Field numbers of AnyValue. */
export const anyValueFields = { string: 1, bool: 2, int: 3, double: 4, array: 5, kvlist: 6, bytes: 7 } as const

function arrayText(bytes: Buffer, start: number, end: number): string {
  const cursor = new WireCursor(bytes, start, end)
  const values: string[] = []
  while (cursor.next()) if (cursor.field === 1) values.push(jsonText(bytes, cursor.start, cursor.end))
  return `[${values.join(',')}]`
}

function entry(bytes: Buffer, start: number, end: number): [string, string] {
  const cursor = new WireCursor(bytes, start, end)
  let key = ''
  let value = 'null'
  while (cursor.next()) {
    if (cursor.field === 1) key = cursor.text()
    else if (cursor.field === 2) value = jsonText(bytes, cursor.start, cursor.end)
  }
  return [key, value]
}

function kvlistText(bytes: Buffer, start: number, end: number): string {
  const cursor = new WireCursor(bytes, start, end)
  const entries = new Map<string, string>()
  while (cursor.next()) if (cursor.field === 1) entries.set(...entry(bytes, cursor.start, cursor.end))
  const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${sorted.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`
}

/** JSON has no NaN and no infinities; they become their names as OTLP/JSON writes them. */
const doubleText = (value: number): string => JSON.stringify(Number.isFinite(value) ? value : String(value))

/** The AnyValue in `bytes[start, end)` as JSON text. 64-bit integers keep all their digits. */
function jsonText(bytes: Buffer, start: number, end: number): string {
  const cursor = new WireCursor(bytes, start, end)
  let text = 'null'
  while (cursor.next()) {
    if (cursor.field === anyValueFields.string) text = JSON.stringify(cursor.text())
    else if (cursor.field === anyValueFields.bool) text = String(cursor.unsigned() !== 0n)
    else if (cursor.field === anyValueFields.int) text = String(BigInt.asIntN(64, cursor.unsigned()))
    else if (cursor.field === anyValueFields.double) text = doubleText(cursor.double())
    else if (cursor.field === anyValueFields.array) text = arrayText(bytes, cursor.start, cursor.end)
    else if (cursor.field === anyValueFields.kvlist) text = kvlistText(bytes, cursor.start, cursor.end)
    else if (cursor.field === anyValueFields.bytes) text = JSON.stringify(cursor.base64())
  }
  return text
}

/**
 * The text a column keeps for an array, key-value list or bytes value, given the cursor on that field of an AnyValue: JSON
 * with sorted keys, or base64, as the Collector's ClickHouse exporter writes them (except that `<`, `>` and `&` stay as they are).
 */
export function exoticText(bytes: Buffer, cursor: WireCursor): string {
  if (cursor.field === anyValueFields.array) return arrayText(bytes, cursor.start, cursor.end)
  if (cursor.field === anyValueFields.kvlist) return kvlistText(bytes, cursor.start, cursor.end)
  return cursor.base64()
}
