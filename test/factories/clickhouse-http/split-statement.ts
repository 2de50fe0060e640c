/** Where a request's statement ends and the data of an INSERT begin, as ClickHouse's own parser has it. */

export interface SplitStatement {
  /** The statement without trailing data and, for an INSERT with data, without its FORMAT clause. */
  readonly sql: string
  /** Format of the data that follow; undefined when the statement takes none. */
  readonly dataFormat: string | undefined
  /** Offset of the data's first byte. */
  readonly dataAt: number
  /** Where the `input` of `input('structure')` stands in `sql`. */
  readonly inputAt: number | undefined
}

const pattern =
  /'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`|--[^\n]*|\/\*[\s\S]*?\*\/|[A-Za-z_][A-Za-z0-9_]*|\S/g

/** `head` is the beginning of the request, one character a byte (latin1), long enough to hold the whole statement. */
export function splitStatement(head: string): SplitStatement {
  let first: string | undefined
  let inputAt: number | undefined
  let selects = false
  pattern.lastIndex = 0
  for (let match = pattern.exec(head); match !== null; match = pattern.exec(head)) {
    const [token] = match
    if (token.startsWith('--') || token.startsWith('/*')) continue
    first ??= token.toUpperCase()
    if (first !== 'INSERT') break
    if (token === 'input' && /^\s*\(/.test(head.slice(pattern.lastIndex))) inputAt = match.index
    // After SELECT it is the table function of that name.
    selects ||= /^select$/i.test(token)
    if (!selects && /^values$/i.test(token))
      return { sql: head.slice(0, match.index), dataFormat: 'Values', dataAt: match.index + 6, inputAt }
    if (/^format$/i.test(token)) {
      const name = /^\s+(\w+)[ \t\f]*(?:\r?\n)?/.exec(head.slice(pattern.lastIndex))
      if (name !== null) {
        const dataAt = pattern.lastIndex + name[0].length
        return { sql: head.slice(0, match.index), dataFormat: name[1], dataAt, inputAt }
      }
    }
  }
  return { sql: head, dataFormat: undefined, dataAt: head.length, inputAt: undefined }
}
