/**
 * A pattern of RE2 as the engine takes it. Its dot, unlike CEL's, matches a line break unless told not to; and before it asks RE2 it looks for
 * texts that every match must contain, taking `é?` for "the first byte of é, always": characters beyond ASCII are written as their numbers,
 * which it leaves to RE2.
 */
export function engineRegex(pattern: string): string {
  const parts = pattern.match(/\\Q[\s\S]*?(?:\\E|$)|\\[\s\S]|[\s\S]/gu) ?? []
  const escaped = parts.map(part => {
    const isQuoted = part.startsWith('\\Q')
    return part.replace(/[^\p{ASCII}]/gu, character => {
      const number = `\\x{${(character.codePointAt(0) ?? 0).toString(16)}}`
      return isQuoted ? `\\E${number}\\Q` : number
    })
  })
  return `(?-s)${escaped.join('')}`
}
