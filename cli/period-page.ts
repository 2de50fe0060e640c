import { pictureOf, pictureText } from '../api/period-picture.ts'
import {
  pictureHead,
  promiseTable,
  sectionsOf,
  sentencesOf,
  shownPromises,
  type TextTable,
} from '../api/period-tables.ts'
import { originText, verdictText } from '../api/period-texts.ts'
import type { PeriodReply } from '../api/schemas/period-replies.ts'

/** One page by itself, without script or address to fetch: to be opened, sent or printed. */
export function periodPage(report: PeriodReply): string[] {
  const { question, span, answer, summary } = sentencesOf(report)
  const tone = report.kept + report.missed === 0 ? 'none' : report.missed === 0 ? 'kept' : 'missed'
  const shown = shownPromises(report)
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escaped(`${question} ${span}`)}</title>`,
    `<style>${style}</style></head>`,
    '<body><main>',
    `<p class="span">${escaped(span)}</p>`,
    `<h1>${question}</h1>`,
    `<p class="answer ${tone}">${escaped(answer)}</p>`,
    `<p class="summary">${escaped(summary)}</p>`,
    ...table(promiseTable(report), {
      classes: shown.map(slo => verdictText(slo).replaceAll(' ', '-')),
      pictures: shown.map(slo => picture(slo, report)),
    }),
    ...sectionsOf(report).flatMap(section => [`<h2>${section.title}</h2>`, ...table(section)]),
    `<footer>${escaped(originText(report))}</footer>`,
    '</main></body></html>',
  ]
}

interface TableExtras {
  /** One a row. */
  readonly classes?: readonly string[]
  /** Markup, one a row, in a column of its own at the end. */
  readonly pictures?: readonly string[]
}

function table({ caption, empty, head, rows, rest }: TextTable, { classes, pictures }: TableExtras = {}) {
  if (rows.length === 0) return [`<p>${empty}</p>`]
  const heads = [...head, ...(pictures === undefined ? [] : [pictureHead])].map(text => `<th scope="col">${text}</th>`)
  const lines = rows.map(([first = '', ...others], index) => {
    const cells = others.map(text => `<td>${escaped(text)}</td>`)
    if (pictures !== undefined) cells.push(`<td>${pictures[index] ?? ''}</td>`)
    const kind = classes?.[index]
    return `<tr${kind === undefined ? '' : ` class="${kind}"`}><th scope="row">${escaped(first)}</th>${cells.join('')}</tr>`
  })
  return [
    `<table><caption>${caption}</caption><thead><tr>${heads.join('')}</tr></thead><tbody>`,
    ...lines,
    '</tbody></table>',
    ...(rest === '' ? [] : [`<p>${rest}</p>`]),
  ]
}

function picture(slo: PeriodReply['slos'][number], report: PeriodReply): string {
  const { line, emptyY, marks } = pictureOf(slo, report)
  if (line === '') return ''
  const rects = marks.map(({ x, width }) => `<rect x="${x.toFixed(2)}" y="25" width="${width.toFixed(2)}" height="4"/>`)
  const zero = `<path class="zero" d="M0 ${emptyY.toFixed(2)}H100"/>`
  const label = escaped(pictureText(slo, report))
  return `<svg viewBox="0 0 100 30" preserveAspectRatio="none" role="img" aria-label="${label}">${zero}<path d="${line}"/>${rects.join('')}</svg>`
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, mark => entities[mark] ?? mark)

const style = `:root{color-scheme:light}body{margin:0;font:15px/1.45 system-ui,sans-serif;color:#16202e;background:#fff}
main{max-width:66rem;margin:2rem auto;padding:0 1.5rem}h1{font-size:1.2rem;font-weight:600;margin:.2rem 0}h2{font-size:1.05rem;margin:2rem 0 .4rem}
.span,.summary,footer,caption{color:#4a5a70}.span{margin:0}.answer{font-size:2rem;font-weight:700;margin:.2rem 0}.answer.kept{color:#12653f}.answer.missed{color:#a61b1b}
table{width:100%;border-collapse:collapse;font-variant-numeric:tabular-nums}caption{text-align:left;font-size:.85rem;padding:.6rem 0 .3rem}
th,td{text-align:left;padding:.4rem .8rem .4rem 0;border-bottom:1px solid #d8dfe8;vertical-align:middle;overflow-wrap:break-word}tr[class] td{white-space:nowrap}thead th{font-size:.85rem;color:#4a5a70}
tr.missed td:nth-child(2){color:#a61b1b;font-weight:700}tr.kept td:nth-child(2){color:#12653f}footer{margin-top:2rem;font-size:.8rem}
svg{display:block;width:11rem;height:2.4rem}svg path{fill:none;stroke:#2b5fb8;stroke-width:1.5;vector-effect:non-scaling-stroke}svg .zero{stroke:#9aa7b8;stroke-width:1}tr.missed svg path:not(.zero){stroke:#a61b1b}svg rect{fill:#a61b1b}
@media print{main{margin:0;max-width:none}tr{break-inside:avoid}}`
