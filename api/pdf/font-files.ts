import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { inflateSync } from 'node:zlib'
import { create } from 'fontkit'

/** A typeface of a document: its file, and which characters it has. */
export interface FontFile {
  readonly data: Buffer
  has(codePoint: number): boolean
}

const { resolve } = createRequire(import.meta.url)

function fontFile(data: Buffer): FontFile {
  const font = create(data)
  if (!('characterSet' in font)) throw new TypeError('a collection of fonts is no font')
  const characters = new Set(font.characterSet)
  return { data, has: codePoint => characters.has(codePoint) }
}

/** Latin, Greek, Cyrillic, Armenian, Georgian, Hebrew, Arabic and many signs; figures are all of one width. */
export const textFont = (weight: 'regular' | 'bold'): FontFile =>
  fontFile(readFileSync(resolve(`dejavu-fonts-ttf/ttf/DejaVuSansCondensed${weight === 'bold' ? '-Bold' : ''}.ttf`)))

/** Nearly every other character of Unicode, Chinese, Japanese and Korean among them; coarse, but legible. */
export const lastResortFont = (): FontFile =>
  fontFile(sfntOf(readFileSync(resolve('@fontsource/unifontex/files/unifontex-latin-400-normal.woff'))))

/**
 * The TrueType font in a WOFF 1.0 file. fontkit reads WOFF as well, but unpacks a table anew for each glyph: 24 seconds for ten words.
 * https://www.w3.org/TR/WOFF/#TableDirectory
 */
function sfntOf(woff: Buffer): Buffer {
  const tables = Array.from({ length: woff.readUInt16BE(12) }, (_, index) => {
    const entry = woff.subarray(44 + 20 * index, 64 + 20 * index)
    const [from, packed, length] = [entry.readUInt32BE(4), entry.readUInt32BE(8), entry.readUInt32BE(12)]
    const data = woff.subarray(from, from + packed)
    return { entry, data: packed < length ? inflateSync(data, { maxOutputLength: length }) : data }
  })
  const head = Buffer.alloc(12 + 16 * tables.length)
  woff.copy(head, 0, 4, 8)
  head.writeUInt16BE(tables.length, 4)
  const parts: Buffer[] = [head]
  let at = head.length
  for (const [index, { entry, data }] of tables.entries()) {
    const to = 12 + 16 * index
    entry.copy(head, to, 0, 4)
    entry.copy(head, to + 4, 16, 20)
    head.writeUInt32BE(at, to + 8)
    head.writeUInt32BE(data.length, to + 12)
    const padding = Buffer.alloc((4 - (data.length % 4)) % 4)
    parts.push(data, padding)
    at += data.length + padding.length
  }
  return Buffer.concat(parts)
}
