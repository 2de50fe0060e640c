import { pictureOf, pictureText } from '../period-picture.ts'
import type { tallyTexts } from '../period-texts.ts'
import type { PeriodReply } from '../schemas/period-replies.ts'
import { type Box, ink, type Paper } from './paper.ts'
import type { Drawing } from './paper-table.ts'

type KeptPromise = PeriodReply['slos'][number]
export type Verdict = ReturnType<typeof tallyTexts>[number]['verdict']

export const verdictOf = ({ kept }: KeptPromise): Verdict => (kept === null ? 'unknown' : kept ? 'kept' : 'missed')
export const colourOf = { kept: ink.good, missed: ink.bad, unknown: ink.muted } as const

const lineColour = '#2b5fb8'
const zeroColour = '#9aa7b8'
/** Of a picture that is 100 × 30 and has to fit into its column. */
const pictureHeight = 20

/** A disc, a square on its corner or a ring: told apart without colours, too. */
export function drawSign(doc: PDFKit.PDFDocument, verdict: Verdict, { x, y, width }: Box): void {
  const [middle, radius] = [{ x: x + width / 2, y: y + width / 2 }, width / 2]
  if (verdict === 'missed') {
    doc
      .moveTo(middle.x, y)
      .lineTo(x + width, middle.y)
      .lineTo(middle.x, y + width)
      .lineTo(x, middle.y)
    doc.closePath().fill(colourOf.missed)
  } else if (verdict === 'kept') doc.circle(middle.x, middle.y, radius * 0.85).fill(colourOf.kept)
  else
    doc
      .lineWidth(1)
      .circle(middle.x, middle.y, radius * 0.75)
      .stroke(colourOf.unknown)
}

/** When the budget went, as the viewer and the HTML show it; none where nothing was counted. */
export function pictureDrawing(slo: KeptPromise, report: PeriodReply): Drawing | undefined {
  const { line, emptyY, marks } = pictureOf(slo, report)
  if (line === '') return undefined
  return {
    height: pictureHeight,
    alt: pictureText(slo, report),
    draw: (doc, { x, y, height }) => {
      const scale = height / 30
      doc.save().translate(x, y).scale(scale)
      doc
        .lineWidth(0.5 / scale)
        .path(`M0 ${emptyY.toFixed(2)}H100`)
        .stroke(zeroColour)
      for (const mark of marks) doc.rect(mark.x, 25, mark.width, 4).fill(ink.bad)
      doc
        .lineWidth(1 / scale)
        .lineJoin('round')
        .path(line)
        .stroke(slo.kept === false ? ink.bad : lineColour)
      doc.restore()
    },
  }
}

/** A bar of all promises, and its words below. */
export function drawTally(paper: Paper, tally: ReturnType<typeof tallyTexts>): void {
  const { doc, root, mark, child, left, width } = paper
  const parts = tally.filter(({ count }) => count > 0)
  const all = parts.reduce((sum, { count }) => sum + count, 0)
  const style = { size: 9.5, isBold: true }
  const barHeight = 9
  let [x, textX] = [left, left]
  const [y, textY] = [paper.y(), paper.y() + barHeight + 6]
  const words = child(root, 'P')
  for (const { verdict, count, text } of parts) {
    const share = (count / all) * width
    mark(null, 'Artifact', () => {
      doc.rect(x, y, Math.max(1, share - 1.5), barHeight).fill(verdict === 'unknown' ? zeroColour : colourOf[verdict])
      drawSign(doc, verdict, { x: textX, y: textY + 2, width: 8, height: 8 })
    })
    x += share
    const [line] = paper.lines(text, width, style)
    if (line === undefined) continue
    mark(words, 'P', () => paper.drawLine(line, textX + 12, textY, { ...style, colour: colourOf[verdict] }))
    textX += 12 + line.width + 18
  }
  paper.space(barHeight + 6 + style.size * paper.lineHeight + 8)
}
