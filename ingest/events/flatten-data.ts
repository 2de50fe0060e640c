import { isJsonObject, type JsonValue, LongNumber, writeJson } from './json-value.ts'

/**
 * The data as attributes: `data.customer.id`. Lists are their JSON; a value that is no object is `data` itself; null is nothing. Of two
 * fields with the same path (`{"a.b": 1, "a": {"b": 2}}`) the later one counts.
 */
export function flattenData(data: JsonValue | undefined, into: Map<string, string>, path = 'data'): void {
  if (data === undefined || data === null) return
  if (isJsonObject(data)) for (const [name, value] of Object.entries(data)) flattenData(value, into, `${path}.${name}`)
  else into.set(path, textOf(data))
}

/** Numbers by their shortest text, so that 1.10 and 1.1 are one; a long one as it was written. */
function textOf(value: Exclude<JsonValue, null>): string {
  if (typeof value === 'string') return value
  return value instanceof LongNumber || typeof value === 'object' ? writeJson(value) : String(value)
}
