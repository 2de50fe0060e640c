import { describeDuration } from '../lib/durations.ts'
import type { BacktestedSlo, BacktestReply } from './backtest-reply.ts'
import { markdownCell } from './plan-markdown.ts'
import { alertText, alertTotals, mostAlerts, planTime, sideRows } from './plan-parts.ts'

/** A backtest for a terminal. */
export function backtestText(backtest: BacktestReply): string[] {
  return [headline(backtest), ...backtest.slos.flatMap(slo => ['', ...sloText(slo)])]
}

/** A backtest for a pull request or a wiki. */
export function backtestMarkdown(backtest: BacktestReply): string[] {
  return ['## Backtest of the SLOs', '', `${headline(backtest)}.`, ...backtest.slos.flatMap(sloMarkdown)]
}

function headline({ slos, from, to }: BacktestReply): string {
  const length = describeDuration((Date.parse(to) - Date.parse(from)) / 1000)
  const range = `${planTime(from)} to ${planTime(to)} UTC (${length})`
  return `${slos.length} SLOs over raw events from ${range}: ${alertTotals(slos.flatMap(({ alerts }) => alerts))}`
}

function rowsOf(slo: BacktestedSlo): (readonly [label: string, text: string])[] {
  return sideRows(slo.ends.length).map(({ label, read }) => [
    label === 'today' ? `at ${planTime(slo.today.at)}` : label,
    label === 'objective' ? `${read(slo)} over ${slo.window}` : read(slo),
  ])
}

function alertLines({ alerts }: BacktestedSlo): string[] {
  const lines = alerts.slice(0, mostAlerts).map(alertText)
  const more = alerts.length - lines.length
  return more === 0 ? lines : [...lines, `… and ${more} more (--format json has them all)`]
}

function sloText(slo: BacktestedSlo): string[] {
  const rows = rowsOf(slo)
  const width = Math.max(...rows.map(([label]) => label.length))
  return [
    `${slo.name} (${slo.service})`,
    ...rows.map(([label, text]) => `    ${label.padEnd(width)}  ${text}`),
    ...alertLines(slo).map(line => `    ${line}`),
  ]
}

function sloMarkdown(slo: BacktestedSlo): string[] {
  const alerts = alertLines(slo)
  return [
    '',
    `### ${slo.name}`,
    '',
    '| | |',
    '|---|---|',
    ...rowsOf(slo).map(([label, text]) => `| ${markdownCell(label)} | ${markdownCell(text)} |`),
    ...(alerts.length === 0 ? [] : ['', '```text', ...alerts, '```']),
  ]
}
