import { setImmediate } from 'node:timers/promises'
import { type Box, type Element, ink, type Paper } from './paper.ts'
import type { Line, TextStyle } from './typesetter.ts'

export interface Column {
  readonly head: string
  /** Share of the width of the page; those of a table are 1 together. */
  readonly share: number
  readonly isNumber?: boolean
}

/** Something drawn into a cell, of a height of its own. */
export interface Drawing {
  readonly height: number
  /** What it shows, for who cannot see it. */
  readonly alt: string
  draw(doc: PDFKit.PDFDocument, box: Box): void
}

export interface Cell {
  readonly text: string
  readonly isBold?: boolean
  readonly colour?: string
  readonly link?: string
  /** Before the text, in a square as high as the text. */
  readonly sign?: (doc: PDFKit.PDFDocument, box: Box) => void
  readonly drawing?: Drawing
}

export interface Table {
  readonly caption: string
  readonly columns: readonly Column[]
  readonly rows: readonly (readonly Cell[])[]
}

const size = 7.8
const headStyle: TextStyle = { size: 7, colour: ink.muted, isBold: true }
const gap = 12
const padding = 3.5
const signWidth = 9
/** About 20 ms of work. */
const rowsAtOnce = 10

interface Laid {
  readonly cell: Cell
  readonly lines: readonly Line[]
  readonly style: TextStyle
  readonly box: Pick<Box, 'x' | 'width'>
  readonly isNumber: boolean
}

/** Rows that stay whole where a page can hold them, under their heads on every page. */
export async function drawTable(paper: Paper, { caption, columns, rows }: Table): Promise<void> {
  const { doc, root, mark, child, need, space, bottom, lineHeight } = paper
  const leading = size * lineHeight
  const boxes = boxesOf(paper, columns)
  const heads = columns.map(({ head }, index) => paper.lines(head, boxes[index]?.width ?? 0, headStyle))
  const headHeight = Math.max(...heads.map(({ length }) => length)) * headStyle.size * lineHeight + 2 * padding
  need(headHeight + 70)
  paper.paragraph(caption, { size: 8, colour: ink.muted })
  const table = child(root, 'Table', { title: caption })

  const rule = (width: number) =>
    mark(null, 'Artifact', () => {
      const y = paper.y()
      doc
        .lineWidth(width)
        .strokeColor(ink.rule)
        .moveTo(paper.left, y)
        .lineTo(paper.left + paper.width, y)
        .stroke()
    })
  /** The heads of further pages are decoration: who listens has heard them. */
  const drawHead = (row: Element | null) => {
    const top = paper.y() + padding
    for (const [index, lines] of heads.entries()) {
      const box = boxes[index]
      if (box === undefined) continue
      const element = row === null ? null : child(row, 'TH', scopeOf('Column'))
      mark(element, 'TH', () => {
        for (const [at, line] of lines.entries()) {
          const x = columns[index]?.isNumber === true ? box.x + box.width - line.width : box.x
          paper.drawLine(line, x, top + at * headStyle.size * lineHeight, headStyle)
        }
      })
    }
    space(headHeight)
    rule(1)
  }

  drawHead(child(table, 'TR'))
  for (const [index, cells] of rows.entries()) {
    // Others wait for this process as well.
    if (index % rowsAtOnce === rowsAtOnce - 1) await setImmediate()
    const laid = cells.flatMap((cell, index) => layCell(paper, cell, columns[index], boxes[index]))
    const row = child(table, 'TR')
    const elements = laid.map((_, index) => (index === 0 ? child(row, 'TH', scopeOf('Row')) : child(row, 'TD')))
    const count = Math.max(...laid.map(({ lines }) => lines.length))
    const drawn = Math.max(0, ...cells.map(({ drawing }) => drawing?.height ?? 0))
    const height = Math.max(count * leading, drawn) + 2 * padding
    const turn = () => {
      paper.turnPage()
      drawHead(null)
    }
    if (paper.y() + height > bottom && height <= bottom / 2) turn()
    for (let from = 0; from < count || from === 0; ) {
      const room = Math.floor((bottom - paper.y() - 2 * padding) / leading)
      if (room < 1) {
        turn()
        continue
      }
      const part = Math.min(room, count - from)
      const partHeight = Math.max(part * leading, from === 0 ? drawn : 0) + 2 * padding
      for (const [index, one] of laid.entries()) {
        const element = elements[index]
        if (element !== undefined) drawCell(paper, one, element, { from, to: from + part, height: partHeight })
      }
      space(partHeight)
      from += Math.max(1, part)
      if (from < count) turn()
    }
    row.end()
    rule(0.5)
  }
  table.end()
}

/** The types of the library lack what it can do. */
const scopeOf = (scope: 'Row' | 'Column') => ({ scope }) as PDFKit.Mixins.StructureElementOptions

function boxesOf({ left, width }: Paper, columns: readonly Column[]): Pick<Box, 'x' | 'width'>[] {
  const usable = width - gap * (columns.length - 1)
  let x = left
  return columns.map(({ share }) => {
    const box = { x, width: share * usable }
    x += box.width + gap
    return box
  })
}

function layCell(
  paper: Paper,
  cell: Cell,
  column: Column | undefined,
  box: Pick<Box, 'x' | 'width'> | undefined,
): Laid[] {
  if (column === undefined || box === undefined) return []
  const { text, isBold = false, link, colour = link === undefined ? ink.text : ink.link, sign } = cell
  const style = { size, isBold, colour }
  const lines = text === '' ? [] : paper.lines(text, box.width - (sign === undefined ? 0 : signWidth), style)
  return [{ cell, lines, style, box, isNumber: column.isNumber === true }]
}

function drawCell(
  paper: Paper,
  { cell, lines, style, box, isNumber }: Laid,
  element: Element,
  part: { readonly from: number; readonly to: number; readonly height: number },
): void {
  const { doc, mark, child, lineHeight } = paper
  const { sign, drawing, link } = cell
  const tag = 'P'
  const leading = size * lineHeight
  const shown = lines.slice(part.from, part.to)
  const y = paper.y()
  // A cell of one line stands in the middle of its row, beside the pictures.
  const top =
    y + padding + (lines.length <= part.to - part.from ? (part.height - 2 * padding - shown.length * leading) / 2 : 0)
  const x = sign === undefined ? box.x : box.x + signWidth
  if (sign !== undefined && part.from === 0)
    mark(null, tag, () => sign(doc, { x: box.x, y: top + 1, width: size - 1.5, height: size - 1.5 }))
  if (drawing !== undefined && part.from === 0) {
    const figure = child(element, 'Figure', { alt: drawing.alt })
    const area = { x: box.x, y: y + (part.height - drawing.height) / 2, width: box.width, height: drawing.height }
    mark(figure, 'Figure', () => drawing.draw(doc, area))
  }
  if (shown.length === 0) return
  const holder = link === undefined ? child(element, tag) : child(element, 'Link')
  for (const [index, line] of shown.entries()) {
    const at = { x: isNumber ? box.x + box.width - line.width : x, y: top + index * leading }
    mark(holder, link === undefined ? tag : 'Link', () => paper.drawLine(line, at.x, at.y, style))
    if (link !== undefined) doc.link(at.x, at.y, line.width, leading, link, linkOptions(holder, cell.text))
  }
}

const linkOptions = (structParent: Element, text: string) =>
  ({ structParent, Contents: new String(text) }) as unknown as PDFKit.Mixins.AnnotationOption
