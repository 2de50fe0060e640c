import type { Scalar } from 'yaml'

/**
 * Where in a YAML file the character `index` of a scalar's value stands. Walks value and source together: quoting, escapes,
 * indentation and folded lines are what the source has more than the value.
 */
export function scalarOffset(text: string, scalar: Scalar, index: number): number {
  const [start, end] = scalar.range ?? [0, 0]
  const value = String(scalar.value)
  const style = scalar.type ?? 'PLAIN'
  let at = start
  if (style === 'QUOTE_SINGLE' || style === 'QUOTE_DOUBLE') at += 1
  if (style === 'BLOCK_FOLDED' || style === 'BLOCK_LITERAL') at = afterHeader(text, start)
  for (let done = 0; done < index && done < value.length; done++) {
    at = skipMissing(text, at, end, value.charAt(done), style)
    at += width(text, at, style)
    // A line break that folding turned into one space: the rest of the white space belongs to it.
    if (value.charAt(done) === ' ' && text.charAt(at - 1) !== ' ') at = skipWhite(text, at, end)
  }
  if (index >= value.length) return Math.min(at, end)
  return Math.min(skipMissing(text, at, end, value.charAt(index), style), end)
}

function afterHeader(text: string, start: number): number {
  const lineEnd = text.indexOf('\n', start)
  return lineEnd < 0 ? start : lineEnd + 1
}

/** White space of the source that the value does not have: indentation, and breaks that folding removes. */
function skipMissing(text: string, from: number, end: number, wanted: string, style: string): number {
  let at = from
  if (style === 'QUOTE_DOUBLE') {
    // An escaped line break is nothing at all.
    while (at < end && text.charAt(at) === '\\' && /[\r\n]/.test(text.charAt(at + 1))) at = skipWhite(text, at + 1, end)
    if (text.charAt(at) === '\\') return at
  }
  if (wanted === ' ' || wanted === '\n' || wanted === '\t') {
    if (text.charAt(at) === '\r') at += 1
    return at
  }
  return skipWhite(text, at, end)
}

function skipWhite(text: string, from: number, end: number): number {
  let at = from
  while (at < end && /\s/.test(text.charAt(at))) at += 1
  return at
}

/** Characters of the source that make one of the value. */
function width(text: string, at: number, style: string): number {
  if (style === 'QUOTE_SINGLE' && text.startsWith("''", at)) return 2
  if (style !== 'QUOTE_DOUBLE' || text.charAt(at) !== '\\') return 1
  switch (text.charAt(at + 1)) {
    case 'x':
      return 4
    case 'u':
      return 6
    case 'U':
      return 10
    default:
      return 2
  }
}
