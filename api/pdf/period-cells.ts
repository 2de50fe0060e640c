import { incidentTable, pictureHead, type TextTable } from '../period-tables.ts'
import type { PeriodReply } from '../schemas/period-replies.ts'
import { ink } from './paper.ts'
import type { Cell, Column } from './paper-table.ts'
import { colourOf, drawSign, pictureDrawing, verdictOf } from './period-drawings.ts'

/** Where people reach the viewer; null for a document without links. */
export type ViewerUrl = string | null

const sloLink = (viewerUrl: ViewerUrl, slo: string) =>
  viewerUrl === null ? {} : { link: `${viewerUrl}/slos/${encodeURIComponent(slo)}` }

/** Of each table its columns: how wide, and which are numbers. The last of the promises is the picture. */
const shares = {
  promises: [0.24, 0.16, 0.1, 0.1, 0.1, 0.145, 0.155],
  incidents: [0.23, 0.12, 0.105, 0.14, 0.25, 0.155],
  corrections: [0.26, 0.28, 0.1, 0.22, 0.14],
  revisions: [0.13, 0.14, 0.36, 0.24, 0.13],
  gaps: [0.4, 0.45, 0.15],
} as const
export type TableKind = keyof typeof shares
const numbers = new Set(['SLI', 'Objective', 'Budget left', 'Of the budget', 'How often', 'Coverage'])

export const columnsOf = (kind: TableKind, { head }: TextTable): Column[] =>
  (kind === 'promises' ? [...head, pictureHead] : head).map((text, index) => ({
    head: text,
    share: shares[kind][index] ?? 0,
    isNumber: numbers.has(text),
  }))

/** @param rows of `promiseTable`, in the order of the report. */
export function promiseCells(report: PeriodReply, { rows }: TextTable, viewerUrl: ViewerUrl): Cell[][] {
  return rows.flatMap((texts, index) => {
    const slo = report.slos[index]
    if (slo === undefined) return []
    const verdict = verdictOf(slo)
    const drawing = pictureDrawing(slo, report)
    const cells = texts.map((text, column): Cell => {
      if (column === 0) return { text, ...sloLink(viewerUrl, slo.name) }
      if (column !== 1) return { text }
      return {
        ...{ text, colour: colourOf[verdict], isBold: verdict === 'missed' },
        sign: (doc, box) => drawSign(doc, verdict, box),
      }
    })
    return [[...cells, drawing === undefined ? { text: '' } : { text: '', drawing }]]
  })
}

export const incidentCells = (report: PeriodReply, viewerUrl: ViewerUrl): Cell[][] =>
  incidentTable(report).rows.map((texts, index) =>
    texts.map((text, column): Cell => {
      if (column === 0) return { text, ...sloLink(viewerUrl, report.incidents[index]?.slo ?? '') }
      return column === 3 ? { text, isBold: true } : { text }
    }),
  )

export const textCells = ({ rows }: TextTable): Cell[][] =>
  rows.map(texts => texts.map((text): Cell => ({ text, colour: ink.text })))
