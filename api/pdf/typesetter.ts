import { type FontFile, lastResortFont, textFont } from './font-files.ts'
import { type DirectedText, readingOrder } from './reading-order.ts'

export interface TextStyle {
  /** In points. */
  readonly size: number
  readonly isBold?: boolean
  readonly colour?: string
}

export type FontName = 'regular' | 'bold' | 'last'

/** Letters of one font. */
export interface Run extends DirectedText {
  readonly font: FontName
}

/** Runs from the left to the right. */
export interface Line {
  readonly runs: readonly Run[]
  readonly width: number
}

/** What a page has fonts for, and how wide it is there. */
export interface Measure {
  add(name: FontName, font: FontFile): void
  width(run: Run, size: number): number
}

/** A table is no place for more; the JSON has all of it. */
const mostCharacters = 1000

/** Texts as lines of glyphs that there are. */
export function createTypesetter(measure: Measure) {
  const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })
  const fonts = new Map<FontName, FontFile>()
  const fontOf = (name: FontName): FontFile => {
    const known = fonts.get(name)
    if (known !== undefined) return known
    const font = name === 'last' ? lastResortFont() : textFont(name)
    fonts.set(name, font)
    measure.add(name, font)
    return font
  }

  /** What no font has is told by its number. */
  const spelled = (text: string): string => {
    if (!/[^\x20-\x7e]/.test(text)) return text
    return [...text]
      .map(character => {
        const codePoint = character.codePointAt(0) ?? 0
        const isThere = fontOf('regular').has(codePoint) || fontOf('last').has(codePoint)
        return isThere ? character : `[U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}]`
      })
      .join('')
  }

  const runsOf = ({ text, isRightToLeft }: DirectedText, isBold: boolean): Run[] => {
    const wanted = isBold ? 'bold' : 'regular'
    const runs: { text: string; font: FontName; isRightToLeft: boolean }[] = []
    for (const character of text) {
      const font = fontOf(wanted).has(character.codePointAt(0) ?? 0) ? wanted : 'last'
      const former = runs.at(-1)
      if (former?.font === font) former.text += character
      else runs.push({ text: character, font, isRightToLeft })
    }
    return isRightToLeft ? runs.reverse() : runs
  }

  const lineOf = (text: string, { size, isBold = false }: TextStyle): Line => {
    const runs = readingOrder(text).flatMap(part => runsOf(part, isBold))
    return { runs, width: runs.reduce((sum, run) => sum + measure.width(run, size), 0) }
  }

  /** Parts that fit of a word that does not: after a hyphen or dot where there is one, else between letters. */
  const partsOf = (word: string, width: number, style: TextStyle): string[] => {
    if (lineOf(word.trimEnd(), style).width <= width) return [word]
    const parts = word.split(/(?<=[-_./:@,])(?=.)/u)
    if (parts.length > 1) return parts.flatMap(part => partsOf(part, width, style))
    const fitting: string[] = []
    for (const { segment } of graphemes.segment(word)) {
      const former = fitting.at(-1)
      if (former !== undefined && lineOf(former + segment, style).width <= width) fitting[fitting.length - 1] += segment
      else fitting.push(segment)
    }
    return fitting
  }

  /** @param width in points; nothing is wider, unless one letter is. */
  const lines = (text: string, width: number, style: TextStyle): Line[] => {
    const words = spelled(cleanText(text)).split(/(?<= )/)
    const found: string[] = []
    for (const part of words.flatMap(word => partsOf(word, width, style))) {
      const former = found.at(-1)
      if (former !== undefined && lineOf((former + part).trimEnd(), style).width <= width)
        found[found.length - 1] += part
      else found.push(part)
    }
    return found.map(line => lineOf(line.trimEnd(), style))
  }
  return { lines }
}

/** On one line, and without what cannot be seen but changes what can: control characters, joiners, changes of direction. */
function cleanText(text: string): string {
  const clean = text
    .toWellFormed()
    .normalize('NFC')
    .replaceAll(/\s+/gu, ' ')
    .replaceAll(/[\p{Cc}\p{Default_Ignorable_Code_Point}]/gu, '')
    .trim()
  const characters = [...clean]
  if (characters.length <= mostCharacters) return clean
  return `${characters.slice(0, mostCharacters).join('')}… (all of it is in the JSON)`
}
