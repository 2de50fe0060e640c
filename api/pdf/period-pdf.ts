import {
  correctionTable,
  gapTable,
  incidentTable,
  promiseTable,
  revisionTable,
  sentencesOf,
  type TextTable,
} from '../period-tables.ts'
import { madeText, originText, tallyTexts } from '../period-texts.ts'
import type { PeriodReply } from '../schemas/period-replies.ts'
import { createPaper, ink, type Paper } from './paper.ts'
import { type Cell, drawTable } from './paper-table.ts'
import { columnsOf, incidentCells, promiseCells, type TableKind, textCells, type ViewerUrl } from './period-cells.ts'
import { drawTally } from './period-drawings.ts'

/** The first page has so many of the worst; where there are more, a table of all follows. */
const firstPage = { promises: 8, incidents: 5 } as const
/** All of them are in the CSV and the JSON. */
const mostPromises = 1000

/**
 * The report as A4 pages: the first answers who has one look, the others have everything that the HTML has. It depends on the report and the address
 * alone: made twice, it is the same to the byte.
 */
export async function periodPdf(report: PeriodReply, viewerUrl: ViewerUrl): Promise<Uint8Array> {
  const { question, span, answer, trend, silence } = sentencesOf(report)
  const title = `${question} ${span}`
  const paper = createPaper({ title, madeAt: new Date(report.evaluatedAt), footer: `${span}. ${madeText(report)}` })
  const colour = report.kept + report.missed === 0 ? ink.muted : report.missed === 0 ? ink.good : ink.bad
  paper.paragraph(span, { size: 9, colour: ink.muted })
  paper.space(3)
  paper.paragraph(question, { size: 12, isBold: true }, 'H1')
  paper.space(3)
  paper.paragraph(answer, { size: 20, isBold: true, colour })
  paper.space(8)
  drawTally(paper, tallyTexts(report))
  paper.paragraph(trend, { size: 9.5 })
  paper.space(2)
  paper.paragraph(silence, { size: 9.5, colour: ink.muted })

  const [promises, incidents] = [promiseTable(report, mostPromises), incidentTable(report)]
  const promiseRows = promiseCells(report, promises, viewerUrl)
  const incidentRows = incidentCells(report, viewerUrl)
  const isLong = promiseRows.length > firstPage.promises
  const isEventful = incidentRows.length > firstPage.incidents
  const following = 'on the next pages.'
  await drawSection(paper, 'promises', promises, promiseRows.slice(0, firstPage.promises), {
    rest: isLong ? `All ${report.slos.length} promises are ${following}` : '',
  })
  await drawSection(paper, 'incidents', incidents, incidentRows.slice(0, firstPage.incidents), {
    rest: isEventful ? `All ${incidentRows.length} incidents are ${following}` : incidents.rest,
  })
  if (isLong || isEventful) paper.turnPage()
  if (isLong) await drawSection(paper, 'promises', promises, promiseRows)
  if (isEventful) await drawSection(paper, 'incidents', incidents, incidentRows)
  const others = {
    corrections: correctionTable(report),
    revisions: revisionTable(report),
    gaps: gapTable(report, mostPromises),
  }
  for (const kind of ['corrections', 'revisions', 'gaps'] as const)
    await drawSection(paper, kind, others[kind], textCells(others[kind]))
  paper.space(16)
  paper.paragraph(originText(report), { size: 7.5, colour: ink.muted })
  return paper.finish()
}

async function drawSection(
  paper: Paper,
  kind: TableKind,
  table: TextTable,
  rows: readonly (readonly Cell[])[],
  { rest }: Pick<TextTable, 'rest'> = table,
): Promise<void> {
  paper.space(14)
  paper.need(110)
  paper.paragraph(table.title, { size: 12, isBold: true }, 'H2')
  paper.space(2)
  if (rows.length === 0) {
    paper.paragraph(table.empty, { size: 9 })
    return
  }
  await drawTable(paper, { caption: table.caption, columns: columnsOf(kind, table), rows })
  paper.space(4)
  paper.paragraph(rest, { size: 8, colour: ink.muted })
}
