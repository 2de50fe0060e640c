const whitespace = /[ \t\n\r]*/y
const scalarText = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y
/** A run of ordinary characters (a string holds no quote, backslash or control character as it is), or one escape. */
const stringPart = /[^"\\\p{Cc}]+|[\x7f-\x9f]+|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/uy

/** Where a sticky expression stops matching; `at` itself when it does not match. */
function matchEnd(expression: RegExp, text: string, at: number): number {
  expression.lastIndex = at
  return expression.test(text) ? expression.lastIndex : at
}

const afterSpace = (text: string, at: number): number => matchEnd(whitespace, text, at)

/** A position, and whether the grammar holds up to there. */
interface Scanned {
  readonly at: number
  readonly ok: boolean
}

function scanString(text: string, start: number): Scanned {
  if (text[start] !== '"') return { at: start, ok: false }
  let at = start + 1
  for (let next = matchEnd(stringPart, text, at); next > at; next = matchEnd(stringPart, text, at)) at = next
  return text[at] === '"' ? { at: at + 1, ok: true } : { at, ok: false }
}

/** The key and colon of an object's entry. */
function scanKey(text: string, start: number): Scanned {
  const key = scanString(text, afterSpace(text, start))
  if (!key.ok) return key
  const colon = afterSpace(text, key.at)
  return text[colon] === ':' ? { at: colon + 1, ok: true } : { at: colon, ok: false }
}

function scanScalar(text: string, at: number): Scanned {
  if (text[at] === '"') return scanString(text, at)
  const end = matchEnd(scalarText, text, at)
  return { at: end, ok: end > at }
}

/** Passes the ends of values: commas and closing brackets. Stops before the next key or value, or at the end. */
function scanEnds(text: string, start: number, open: string[]): Scanned & { readonly more: boolean } {
  let at = afterSpace(text, start)
  while (open.length > 0) {
    const closing = open.at(-1)
    if (text[at] === ',') return { at: at + 1, ok: true, more: true }
    if (text[at] !== closing) return { at, ok: false, more: false }
    open.pop()
    at = afterSpace(text, at + 1)
  }
  return { at, ok: at === text.length, more: false }
}

/**
 * Where a text stops being JSON (0-based), or null when it is JSON. JSON.parse names no position for most errors; this is
 * only asked after it has refused. Nesting costs no stack.
 */
export function jsonErrorPosition(text: string): number | null {
  const open: string[] = []
  let at = 0
  for (;;) {
    if (open.at(-1) === '}') {
      const key = scanKey(text, at)
      if (!key.ok) return key.at
      at = key.at
    }
    at = afterSpace(text, at)
    const closing = text[at] === '{' ? '}' : text[at] === '[' ? ']' : null
    if (closing !== null) {
      open.push(closing)
      at++
      if (text[afterSpace(text, at)] !== closing) continue
    } else {
      const scalar = scanScalar(text, at)
      if (!scalar.ok) return scalar.at
      at = scalar.at
    }
    const ends = scanEnds(text, at, open)
    if (!ends.ok) return ends.at
    if (!ends.more) return null
    at = ends.at
  }
}
