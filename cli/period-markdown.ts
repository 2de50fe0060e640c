import { promiseTable, sectionsOf, sentencesOf, type TextTable } from '../api/period-tables.ts'
import type { PeriodReply } from '../api/schemas/period-replies.ts'

/** A report for a pull request, a mail or a terminal. */
export function periodMarkdown(report: PeriodReply): string[] {
  const { question, span, answer, summary } = sentencesOf(report)
  return [
    `# ${question} ${span}`,
    ...['', `**${answer}** ${summary}`, ''],
    ...table(promiseTable(report)),
    ...sectionsOf(report).flatMap(section => ['', `## ${section.title}`, '', ...table(section)]),
  ]
}

function table({ head, rows, rest, empty }: TextTable): string[] {
  if (rows.length === 0) return [empty]
  const line = (cells: readonly string[]) => `| ${cells.map(markdownCell).join(' | ')} |`
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line), ...(rest === '' ? [] : ['', rest])]
}

/** What somebody wrote into a spec or a message stays text, for a terminal too. */
const markdownCell = (text: string): string =>
  text.replaceAll(/[\\|<>`*_[\]~#&]/g, mark => `\\${mark}`).replaceAll(/[\s\p{Cc}]+/gu, ' ')
