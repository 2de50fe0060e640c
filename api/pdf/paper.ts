import PDFDocument from 'pdfkit'
import { createTypesetter, type Line, type TextStyle } from './typesetter.ts'

export const ink = {
  text: '#16202e',
  muted: '#4a5a70',
  rule: '#d8dfe8',
  good: '#12653f',
  bad: '#a61b1b',
  link: '#2b5fb8',
} as const

/** A box on the page, in points from its upper left corner. */
export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export type Element = PDFKit.PDFStructureElement

export interface PaperOptions {
  readonly title: string
  /** When it was made; nothing else in the file depends on the clock. */
  readonly madeAt: Date
  /** At the foot of each page, before its number. */
  readonly footer: string
}

const margin = 45
const footerHeight = 26
const lineHeight = 1.32
/** Of DejaVu Sans, from the top of a line to the foot of its letters. */
const ascent = 0.93

/** A4 pages that are written from top to bottom, with what each part is (tagged PDF), so that it can be read aloud and copied. */
export type Paper = ReturnType<typeof createPaper>

export function createPaper({ title, madeAt, footer }: PaperOptions) {
  const doc = new PDFDocument({
    ...{ size: 'A4', margin: 0, bufferPages: true, pdfVersion: '1.7', tagged: true, lang: 'en-GB', displayTitle: true },
    info: {
      Title: title,
      Author: 'Ninefold',
      Creator: 'Ninefold',
      Producer: 'PDFKit',
      CreationDate: madeAt,
      ModDate: madeAt,
    },
    // Its own default would be a font that is not embedded.
    font: '',
  })
  const chunks: Uint8Array[] = []
  doc.on('data', (chunk: Uint8Array) => chunks.push(chunk))
  const { lines } = createTypesetter({
    add: (name, font) => doc.registerFont(name, font.data as unknown as string),
    width: ({ font, text, isRightToLeft }, size) =>
      doc
        .font(font)
        .fontSize(size)
        .widthOfString(text, isRightToLeft ? { features: [] } : {}),
  })
  const root = doc.struct('Document')
  doc.addStructure(root)
  const width = doc.page.width - 2 * margin
  const bottom = doc.page.height - margin - footerHeight
  let y = margin

  /** Draws what an element consists of, or what is decoration (null). */
  const mark = (element: Element | null, tag: string, draw: () => void) => {
    if (element === null) doc.markContent('Artifact', { type: 'Layout' })
    else element.add(doc.markStructureContent(tag))
    draw()
    doc.endMarkedContent()
  }
  const child = (parent: Element, tag: string, options: PDFKit.Mixins.StructureElementOptions = {}): Element => {
    const element = doc.struct(tag, options)
    parent.add(element)
    return element
  }

  const drawLine = ({ runs }: Line, x: number, top: number, { size, colour = ink.text }: TextStyle) => {
    let at = x
    for (const { text, font, isRightToLeft } of runs) {
      const options = isRightToLeft ? { features: [] } : {}
      doc.font(font).fontSize(size).fillColor(colour)
      doc.text(text, at, top + size * ascent, { ...options, lineBreak: false, baseline: 'alphabetic' })
      at += doc.widthOfString(text, options)
    }
  }

  const turnPage = () => {
    doc.addPage()
    y = margin
  }
  /** Begins a page where less than so much is left. */
  const need = (height: number) => {
    if (y + height > bottom) turnPage()
  }
  const space = (height: number) => {
    y += height
  }

  const paragraph = (text: string, style: TextStyle, tag = 'P') => {
    if (text === '') return
    const element = child(root, tag)
    for (const line of lines(text, width, style)) {
      need(style.size * lineHeight)
      mark(element, tag, () => drawLine(line, margin, y, style))
      y += style.size * lineHeight
    }
  }

  /** Adds the feet, which know how many pages there are, and hands over the file. */
  const finish = (): Promise<Uint8Array> => {
    const style = { size: 7, colour: ink.muted }
    const { count } = doc.bufferedPageRange()
    for (let page = 0; page < count; page++) {
      doc.switchToPage(page)
      const top = doc.page.height - margin - style.size
      doc.markContent('Artifact', { type: 'Pagination' })
      doc.lineWidth(0.5).strokeColor(ink.rule)
      doc
        .moveTo(margin, top - 6)
        .lineTo(margin + width, top - 6)
        .stroke()
      for (const [index, line] of lines(footer, width - 80, style).entries())
        drawLine(line, margin, top + index * style.size * lineHeight, style)
      for (const line of lines(`Page ${page + 1} of ${count}`, 80, style))
        drawLine(line, margin + width - line.width, top, style)
      doc.endMarkedContent()
    }
    root.end()
    return new Promise((resolve, reject) => {
      doc.on('error', reject)
      doc.on('end', () => resolve(Buffer.concat(chunks)))
      doc.end()
    })
  }

  return {
    ...{ doc, root, width, bottom, left: margin, lineHeight },
    ...{ lines, drawLine, mark, child, need, space, turnPage, paragraph, finish },
    /** Where the next thing comes, from the top of the page. */
    y: () => y,
  }
}
