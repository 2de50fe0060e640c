import { createRequire } from 'node:module'
import type { Bidi } from 'bidi-js'

/** Letters that are read in one direction, in the order in which they are read. */
export interface DirectedText {
  readonly text: string
  readonly isRightToLeft: boolean
}

const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u
// Its types are those of a module, its code is not.
const createBidi = createRequire(import.meta.url)('bidi-js') as () => Bidi

/** The parts of a line as they stand from left to right: Unicode Bidirectional Algorithm, https://www.unicode.org/reports/tr9/#L2. */
export function readingOrder(line: string): DirectedText[] {
  if (!rightToLeft.test(line)) return [{ text: line, isRightToLeft: false }]
  const bidi = createBidi()
  const { levels } = bidi.getEmbeddingLevels(line, 'ltr')
  let parts: { readonly text: string; readonly level: number }[] = []
  for (const [index, letter] of line.split('').entries()) {
    const level = levels[index] ?? 0
    const text = level % 2 === 1 ? (bidi.getMirroredCharacter(letter) ?? letter) : letter
    const former = parts.at(-1)
    if (former?.level === level) parts[parts.length - 1] = { text: former.text + text, level }
    else parts.push({ text, level })
  }
  for (let level = Math.max(...parts.map(part => part.level)); level > 0; level--) parts = turned(parts, level)
  return parts.map(({ text, level }) => ({ text, isRightToLeft: level % 2 === 1 }))
}

/** Every stretch of parts of at least this level the other way round. */
function turned<Part extends { readonly level: number }>(parts: readonly Part[], level: number): Part[] {
  const found: Part[] = []
  let stretch: Part[] = []
  for (const part of parts) {
    if (part.level >= level) stretch.unshift(part)
    else {
      found.push(...stretch, part)
      stretch = []
    }
  }
  return [...found, ...stretch]
}
