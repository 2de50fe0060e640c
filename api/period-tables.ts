import {
  answerText,
  beforeText,
  budgetText,
  changeText,
  costText,
  coverageText,
  hasGap,
  knownText,
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
} from './period-texts.ts'
import type { PeriodReply } from './schemas/period-replies.ts'

/** Who reads a page of promises reads the worst; all of them are in the CSV and the JSON. */
const mostShown = 100

export interface TextTable {
  /** Heading of its section. */
  readonly title: string
  readonly caption: string
  /** What is said instead of a table without rows. */
  readonly empty: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
  /** What is not in it; empty when nothing is missing. */
  readonly rest: string
}

/** Of the column with the pictures, where there is one. */
export const pictureHead = 'Budget over time'

const rest = (omitted: number, what: string) => (omitted === 0 ? '' : `${omitted} ${what}`)

export const shownPromises = ({ slos }: PeriodReply, most = mostShown) => slos.slice(0, most)

export function promiseTable(report: PeriodReply, most = mostShown): TextTable {
  const shown = shownPromises(report, most)
  return {
    ...{ title: 'Promises', caption: 'Promises, worst budget first', empty: 'There are no SLOs.' },
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
    ...{ title: 'Incidents', caption: 'Pages, the dearest first', empty: 'Nobody was paged.' },
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
    ...{ title: 'What is left out of the count', caption: 'Corrections', empty: 'Nothing.' },
    head: ['What', 'Of which promises', 'How often', 'Why', 'Approved by'],
    rows: [...found.values()].map(({ correction: { leavesOut, occurrences, reason, approver }, titles }) => [
      ...[leavesOut, titles.join(', '), String(occurrences), reason, approver],
    ]),
    rest: '',
  }
}

export function revisionTable(report: PeriodReply): TextTable {
  return {
    ...{ title: 'Who changed which promise', caption: 'Changes, newest first', empty: 'Nobody.' },
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

/** The promises of which nothing, or not all, is known. */
export function gapTable(report: PeriodReply, most = mostShown): TextTable {
  const rows = report.slos
    .filter(slo => hasGap(slo, report))
    .map(slo => [titleOf(slo), knownText(slo, report), coverageText(slo)])
  return {
    ...{ title: 'What is not known', caption: 'Promises of which not all is known', empty: 'Nothing.' },
    head: ['Promise', 'What is known', 'Coverage'],
    rows: rows.slice(0, most),
    rest: rest(Math.max(0, rows.length - most), 'more are in the CSV and the JSON.'),
  }
}

/** What follows the promises: what happened, and what an auditor asks. */
export const sectionsOf = (report: PeriodReply): TextTable[] => [
  incidentTable(report),
  correctionTable(report),
  revisionTable(report),
  gapTable(report),
]

/** The sentences that a report begins with: what was asked, the answer, and whether it is getting better. */
export function sentencesOf(report: PeriodReply) {
  const [silence, trend] = [silenceText(report), trendText(report)]
  const summary = [silence, trend].filter(Boolean).join(' ')
  return { question: questionText, span: spanText(report), answer: answerText(report), silence, trend, summary }
}
