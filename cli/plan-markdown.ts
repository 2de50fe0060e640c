import { alertLines, planHeadline, planRows } from './plan-parts.ts'
import type { PlannedSlo, PlanReply } from './plan-reply.ts'

/** A plan for a pull request. */
export function planMarkdown(plan: PlanReply): string[] {
  return ['## Plan of the SLOs', '', `${planHeadline(plan)}.`, ...plan.slos.flatMap(slo => ['', ...sloMarkdown(slo)])]
}

function sloMarkdown(slo: PlannedSlo): string[] {
  const alerts = alertLines(slo)
  return [
    `### ${slo.name} (${slo.kind})`,
    '',
    '| | before | after |',
    '|---|---|---|',
    ...slo.fields.map(
      ({ field, before, after }) => `| **${markdownCell(field)}** | ${code(before)} | ${code(after)} |`,
    ),
    ...planRows(slo).map(
      ({ label, before, after }) => `| ${markdownCell(label)} | ${markdownCell(before)} | ${markdownCell(after)} |`,
    ),
    ...(alerts.length === 0
      ? []
      : ['', '<details><summary>Alerts over the history</summary>', '', '```diff', ...alerts, '```', '', '</details>']),
  ]
}

/** What somebody wrote may hold what ends a cell or begins markup. */
export function markdownCell(text: string): string {
  return text.replace(/[\\`|<>*_[\]]/g, character => `\\${character}`).replace(/\s+/g, ' ')
}

function code(text: string): string {
  if (text === '') return ''
  const fence = '`'.repeat(Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length)) + 1)
  return `${fence} ${text.replaceAll('|', '\\|').replace(/\s+/g, ' ')} ${fence}`
}
