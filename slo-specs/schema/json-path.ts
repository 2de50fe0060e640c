/** Keys and indexes from the root to one value. */
export type JsonPath = readonly (string | number)[]

const segment = /\.([A-Za-z_$][\w$-]*)|\[(\d{1,9})\]|\['([^'\\]{1,200})'\]|\["([^"\\]{1,200})"\]/y

/** The part of JSON path (RFC 9535) that names exactly one value: `$.a['b c'][0].d`; undefined for anything else. */
export function parseJsonPath(text: string): JsonPath | undefined {
  if (!text.startsWith('$') || text.length > 1_000) return undefined
  const path: (string | number)[] = []
  segment.lastIndex = 1
  while (segment.lastIndex < text.length) {
    const found = segment.exec(text)
    if (found === null) return undefined
    const [, name, index, quoted, doubleQuoted] = found
    path.push(index === undefined ? (name ?? quoted ?? doubleQuoted ?? '') : Number(index))
  }
  return path
}

/** The value at a path; undefined where there is none. */
export function valueAt(json: unknown, path: JsonPath): unknown {
  let value = json
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined
    if (Array.isArray(value) !== (typeof key === 'number')) return undefined
    if (!Object.hasOwn(value, key)) return undefined
    value = (value as Readonly<Record<string | number, unknown>>)[key]
  }
  return value
}
