import {
  answerText,
  beforeText,
  budgetText,
  changeText,
  costText,
  lengthText,
  momentText,
  objectiveText,
  pagedText,
  partText,
  questionText,
  reasonText,
  silenceText,
  sliText,
  spanText,
  titleOf,
  trendText,
  verdictText,
  whoText,
  whyText,
} from '../api/period-texts.ts'
import type { PeriodReply } from '../api/schemas/period-replies.ts'

/** Who reads a page of promises reads the worst; all of them are in the CSV and the JSON. */
const mostShown = 100

export interface TextTable {
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
  /** What is not in it; empty when nothing is missing. */
  readonly rest: string
}

const rest = (omitted: number, what: string) => (omitted === 0 ? '' : `${omitted} ${what}`)

export const shownPromises = ({ slos }: PeriodReply) => slos.slice(0, mostShown)

export function promiseTable(report: PeriodReply): TextTable {
  const shown = shownPromises(report)
  return {
    head: ['Promise', 'Verdict', 'SLI', 'Objective', 'Budget left', 'SLI before'],
    rows: shown.map(slo => [
      titleOf(slo),
      [verdictText(slo), partText(slo, report)].filter(Boolean).join(', '),
      sliText(slo),
      objectiveText(slo),
      budgetText(slo),
      beforeText(slo),
    ]),
    rest: rest(
      report.slos.length - shown.length,
      'more, with more budget left or without data, are in the CSV and the JSON.',
    ),
  }
}

export function incidentTable(report: PeriodReply): TextTable {
  const titles = new Map(report.slos.map(slo => [slo.name, titleOf(slo)]))
  return {
    head: ['Promise', 'Paged at', 'Length', 'Of the budget', 'Why', 'Whom'],
    rows: report.incidents.map(incident => [
      ...[titles.get(incident.slo) ?? incident.slo, momentText(incident.firedAt, report), lengthText(incident)],
      ...[costText(incident), whyText(incident), pagedText(incident)],
    ]),
    rest: rest(report.incidentsOmitted, 'or more older ones are not listed.'),
  }
}

/** What is left out of the count, each correction once with the promises that it is of. */
export function correctionTable({ slos }: PeriodReply): TextTable {
  const found = new Map<
    string,
    { readonly correction: PeriodReply['slos'][number]['corrections'][number]; readonly titles: string[] }
  >()
  for (const slo of slos)
    for (const correction of slo.corrections) {
      const known = found.get(correction.name) ?? { correction, titles: [] }
      known.titles.push(titleOf(slo))
      found.set(correction.name, known)
    }
  return {
    head: ['What', 'Of which promises', 'How often', 'Why', 'Approved by'],
    rows: [...found.values()].map(({ correction: { leavesOut, occurrences, reason, approver }, titles }) => [
      ...[leavesOut, titles.join(', '), String(occurrences), reason, approver],
    ]),
    rest: '',
  }
}

export function revisionTable(report: PeriodReply): TextTable {
  return {
    head: ['When', 'Who', 'What changed', 'Why', 'Revision'],
    rows: report.revisions.map(entry => [
      ...[
        momentText(entry.appliedAt, report),
        whoText(entry),
        changeText(entry),
        reasonText(entry),
        entry.revision.slice(0, 12),
      ],
    ]),
    rest: rest(report.revisionsOmitted, 'older ones are not listed.'),
  }
}

/** The sentences that a report begins with: what was asked, the answer, and whether it is getting better. */
export function sentencesOf(report: PeriodReply) {
  const summary = [silenceText(report), trendText(report)].filter(Boolean).join(' ')
  return { question: questionText, span: spanText(report), answer: answerText(report), summary }
}

/** A report for a pull request, a mail or a terminal. */
export function periodMarkdown(report: PeriodReply): string[] {
  const { question, span, answer, summary } = sentencesOf(report)
  return [
    `# ${question} ${span}`,
    ...['', `**${answer}** ${summary}`, ''],
    ...table(promiseTable(report), 'There are no SLOs.'),
    ...['', '## Incidents', ''],
    ...table(incidentTable(report), 'Nobody was paged.'),
    ...['', '## What is left out of the count', ''],
    ...table(correctionTable(report), 'Nothing.'),
    ...['', '## Who changed which promise', ''],
    ...table(revisionTable(report), 'Nobody.'),
  ]
}

function table({ head, rows, rest: more }: TextTable, empty: string): string[] {
  if (rows.length === 0) return [empty]
  const line = (cells: readonly string[]) => `| ${cells.map(markdownCell).join(' | ')} |`
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line), ...(more === '' ? [] : ['', more])]
}

/** What somebody wrote into a spec or a message stays text, for a terminal too. */
const markdownCell = (text: string): string =>
  text.replaceAll(/[\\|<>`*_[\]~#&]/g, mark => `\\${mark}`).replaceAll(/[\s\p{Cc}]+/gu, ' ')
