/** Where and how a scalar is written. */
export interface ScalarPlace {
  readonly value: string
  readonly start: number
  readonly end: number
  readonly style: 'PLAIN' | 'QUOTE_SINGLE' | 'QUOTE_DOUBLE' | 'BLOCK_LITERAL' | 'BLOCK_FOLDED'
}

/**
 * Where in a YAML file the character `index` of a scalar's value stands. Walks value and source together: quoting, escapes,
 * indentation and folded lines are what the source has more than the value.
 */
export function scalarOffset(text: string, { value, start, end, style }: ScalarPlace, index: number): number {
  const isFlow = !style.startsWith('BLOCK')
  const indent = isFlow ? 0 : indentation(text.slice(afterHeader(text, start), end), value)
  let at = start
  if (style === 'QUOTE_SINGLE' || style === 'QUOTE_DOUBLE') at += 1
  if (style === 'BLOCK_FOLDED' || style === 'BLOCK_LITERAL') at = skipSpaces(text, afterHeader(text, start), indent)
  for (let done = 0; done < index && done < value.length; done++) {
    at = skipMissing(text, at, end, value.charAt(done), style)
    const wide = width(text, at, style)
    // One escape of eight digits may be two characters of JavaScript.
    if (wide === 10 && /[\ud800-\udbff]/.test(value.charAt(done))) done += 1
    const isBreak = /[\r\n]/.test(text.charAt(at))
    at += wide
    if (!isBreak) continue
    if (!isFlow) at = skipSpaces(text, at, indent)
    // A break that folding turned into a space, or the last of several, takes the indentation after it along.
    else if (value.charAt(done) === ' ' || value.charAt(done + 1) !== '\n') at = skipWhite(text, at, end)
  }
  if (index >= value.length) return Math.min(at, end)
  return Math.min(skipMissing(text, at, end, value.charAt(index), style), end)
}

function afterHeader(text: string, start: number): number {
  const lineEnd = text.indexOf('\n', start)
  return lineEnd < 0 ? start : lineEnd + 1
}

/** Spaces that a block has before each line: what its first line has more than the value's. */
function indentation(block: string, value: string): number {
  const leading = (lines: string) => /^(?:[ \t]*\r?\n)*( *)/.exec(lines)?.[1]?.length ?? 0
  return Math.max(0, leading(block) - leading(value))
}

function skipSpaces(text: string, from: number, most: number): number {
  let at = from
  while (at < from + most && text.charAt(at) === ' ') at += 1
  return at
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
    // Folding drops the spaces at a line's end.
    const trailing = wanted === '\n' ? (/^[ \t]*(?=\r?\n)/.exec(text.slice(at, end))?.[0].length ?? 0) : 0
    return text.charAt(at + trailing) === '\r' ? at + trailing + 1 : at + trailing
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
