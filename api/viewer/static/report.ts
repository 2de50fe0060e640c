import { type Period, periodAfter, periodAt, periodBefore, periodOf } from '../../../compute/budget/period.ts'
import { pictureOf, pictureText } from '../../period-picture.ts'
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
  periodName,
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
} from '../../period-texts.ts'
import { readApi, saveWithToken } from './api-client.ts'
import { type Child, h } from './dom.ts'
import { ownTimeZone } from './format.ts'
import { addressWith, type Place, sloAddress } from './navigation.ts'
import type { Page } from './page.ts'
import { budgetBar, emptyState, panel, stateShape, table } from './parts.ts'
import type { PeriodReply, SloState } from './reply-types.ts'

/** Reads of all SLOs and their incidents; nobody watches a month by the second. */
const keptMs = 60_000
/** As many as the command prints. */
const mostRows = 100
let last: { readonly address: string; readonly readAtMs: number; readonly reply: Promise<PeriodReply> } | undefined

function wantedOf({ query }: Place) {
  const timeZone = query.get('timeZone') ?? ownTimeZone()
  return { period: query.get('period') ?? periodAt('M', Date.now(), ownTimeZone()).text, timeZone }
}

/** How the promises of a calendar period were kept: for a look together, or to be printed. */
export const reportPage: Page<PeriodReply> = {
  title: place => `Report, ${wantedOf(place).period}`,
  read: place => {
    const { period, timeZone } = wantedOf(place)
    const address = `reports/${encodeURIComponent(period)}`
    const key = `${address} ${timeZone}`
    if (last?.address === key && Date.now() - last.readAtMs < keptMs) return last.reply
    const reply = readApi<PeriodReply>(address, { timeZone })
    last = { address: key, readAtMs: Date.now(), reply }
    reply.catch(() => {
      last = undefined
    })
    return reply
  },
  draw: report => [
    summary(report),
    chooser(report),
    report.slos.length === 0 ? noPromises() : promises(report),
    incidents(report),
    corrections(report),
    revisions(report),
  ],
}

const toneOf = (kept: boolean | null): SloState => (kept === null ? 'no-data' : kept ? 'healthy' : 'exhausted')

function summary(report: PeriodReply): HTMLElement {
  const tone = toneOf(report.kept + report.missed === 0 ? null : report.missed === 0)
  return h(
    'section',
    { class: `summary ${tone}`, 'data-key': 'summary', 'aria-labelledby': 'report-title' },
    h('div', { class: 'summary-sign', 'aria-hidden': 'true' }, stateShape(tone)),
    h('h1', { id: 'report-title', tabindex: '-1' }, `${questionText} ${spanText(report)}`),
    h('p', { class: 'summary-answer' }, answerText(report)),
    h('p', { class: 'summary-worst' }, [silenceText(report), trendText(report)].filter(Boolean).join(' ')),
  )
}

const units = [
  ['d', 'Day'],
  ['w', 'Week'],
  ['M', 'Month'],
  ['Q', 'Quarter'],
  ['Y', 'Year'],
] as const

function chooser(report: PeriodReply): Child {
  const period = periodOf(report.period, report.timeZone)
  if (period === undefined) return null
  const untilMs = Date.parse(report.until)
  const link = ({ text }: Pick<Period, 'text'>, words: string, isChosen = false) =>
    h('li', {}, h('a', { href: addressWith({ period: text }), 'aria-current': isChosen ? 'true' : null }, words))
  const before = periodBefore(period)
  const after = report.isRunning ? undefined : periodAfter(period)
  const zones = [...new Set([ownTimeZone(), 'UTC', report.timeZone])]
  const json = `/api/v1/reports/${report.period}?timeZone=${encodeURIComponent(report.timeZone)}`
  const file = { download: `ninefold-${report.period}.pdf` }
  return h(
    'nav',
    { class: 'ranges periods', 'aria-label': 'Period', 'data-key': 'periods' },
    h(
      'ul',
      {},
      link(before, `← ${periodName(before.text)}`),
      after === undefined || after.fromMs > Date.parse(report.evaluatedAt)
        ? null
        : link(after, `${periodName(after.text)} →`),
    ),
    h(
      'ul',
      {},
      units.map(([unit, word]) => link(periodAt(unit, untilMs - 1, period.timeZone), word, unit === period.unit)),
    ),
    h(
      'ul',
      {},
      zones.map(timeZone => {
        const isChosen = timeZone === report.timeZone ? 'true' : null
        return h('li', {}, h('a', { href: addressWith({ timeZone }), 'aria-current': isChosen }, timeZone))
      }),
      h('li', {}, h('a', { href: `${json}&format=pdf`, ...file, 'data-raw': '', onclick: saveWithToken }, 'PDF')),
      h('li', {}, h('a', { href: json, 'data-raw': '' }, 'JSON')),
    ),
  )
}

function noPromises(): HTMLElement {
  return emptyState(
    'No SLOs are defined yet.',
    h(
      'p',
      {},
      'Write a first one with ',
      h('code', {}, 'ninefold new slo'),
      ': a report has it, with its whole history.',
    ),
  )
}

function promises(report: PeriodReply): Child {
  const shown = report.slos.slice(0, mostRows)
  const rest = report.slos.length - shown.length
  const columns = ['Promise', 'Verdict', 'SLI / objective', 'Budget left', 'SLI before', 'Budget over time']
  const rows = shown.map(slo => [
    h(
      'span',
      { class: 'promise' },
      h('a', { href: sloAddress(slo.name) }, titleOf(slo)),
      h('span', { class: 'note' }, [slo.service, partText(slo, report)].filter(Boolean).join(', ')),
    ),
    h('span', { class: `pill ${toneOf(slo.kept)}` }, stateShape(toneOf(slo.kept)), verdictText(slo)),
    h(
      'span',
      { class: 'pair' },
      h('span', { class: slo.kept === false ? 'number missed' : 'number' }, sliText(slo)),
      h('span', { class: 'note' }, `of ${objectiveText(slo)}`),
    ),
    h(
      'span',
      { class: 'budget' },
      budgetBar(slo.kept === null ? null : slo.errorBudget.remainingRatio, toneOf(slo.kept)),
      h('span', { class: 'number' }, budgetText(slo)),
    ),
    beforeText(slo),
    picture(slo, report),
  ])
  return [
    table('Promises, worst budget first', columns, rows, 'report-promises'),
    rest === 0
      ? null
      : h('p', { class: 'note' }, `${rest} more, with more budget left or without data, are in the JSON.`),
  ]
}

function picture(slo: PeriodReply['slos'][number], report: PeriodReply): Child {
  const { line, emptyY, marks } = pictureOf(slo, report)
  if (line === '') return '—'
  const attributes = { class: 'period-picture', viewBox: '0 0 100 30', preserveAspectRatio: 'none', role: 'img' }
  return h(
    'svg',
    { ...attributes, 'aria-label': pictureText(slo, report) },
    h('path', { class: 'empty-line', d: `M0 ${emptyY}H100` }),
    h('path', { class: slo.kept === false ? 'left missed' : 'left', d: line }),
    marks.map(({ x, width }) => h('rect', { x, y: 25, width, height: 4 })),
  )
}

function incidents(report: PeriodReply): HTMLElement {
  const titles = new Map(report.slos.map(slo => [slo.name, titleOf(slo)]))
  const columns = ['Promise', 'Paged at', 'Length', 'Of the budget', 'Why', 'Whom']
  const rows = report.incidents.map(incident => [
    h('a', { href: sloAddress(incident.slo) }, titles.get(incident.slo) ?? incident.slo),
    momentText(incident.firedAt, report),
    lengthText(incident),
    costText(incident),
    whyText(incident),
    pagedText(incident),
  ])
  return panel(
    'Incidents',
    { key: 'report-incidents' },
    rows.length === 0 ? h('p', {}, 'Nobody was paged.') : table('Pages, the dearest first', columns, rows),
    report.incidentsOmitted === 0
      ? null
      : h('p', { class: 'note' }, `${report.incidentsOmitted} or more older ones are not listed.`),
  )
}

function corrections(report: PeriodReply): Child {
  const rows = report.slos.flatMap(slo =>
    slo.corrections.map(({ leavesOut, reason, approver }) => [titleOf(slo), leavesOut, reason, approver]),
  )
  if (rows.length === 0) return null
  const columns = ['Promise', 'What is left out', 'Why', 'Approved by']
  return panel(
    'What is left out of the count',
    { key: 'report-corrections' },
    table('Corrections', columns, rows.slice(0, mostRows)),
  )
}

function revisions(report: PeriodReply): HTMLElement {
  const columns = ['When', 'Who', 'What changed', 'Why']
  const rows = report.revisions.map(entry => [
    momentText(entry.appliedAt, report),
    whoText(entry),
    changeText(entry),
    reasonText(entry),
  ])
  return panel(
    'Who changed which promise',
    { key: 'report-revisions' },
    rows.length === 0 ? h('p', {}, 'Nobody.') : table('Changes, newest first', columns, rows),
    report.revisionsOmitted === 0
      ? null
      : h('p', { class: 'note' }, `${report.revisionsOmitted} older ones are not listed.`),
  )
}
