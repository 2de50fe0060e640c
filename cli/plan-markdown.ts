import { alertLines, type PlanRow, planHeadline, planRows, ratioRows } from './plan-parts.ts'
import type { PlannedRatio, PlannedSlo, PlanReply } from './plan-reply.ts'

/** A plan for a pull request. */
export function planMarkdown(plan: PlanReply): string[] {
  return [
    '## Plan of the SLOs',
    '',
    `${planHeadline(plan)}.`,
    ...plan.slos.flatMap(slo => ['', ...sloMarkdown(slo)]),
    ...plan.ratios.flatMap(ratio => ['', ...ratioMarkdown(ratio)]),
  ]
}

function sloMarkdown(slo: PlannedSlo): string[] {
  const alerts = alertLines(slo)
  return [
    `### ${slo.name} (${slo.kind})`,
    '',
    ...beforeAndAfter(slo.fields, planRows(slo)),
    ...(alerts.length === 0
      ? []
      : ['', '<details><summary>Alerts over the history</summary>', '', '```diff', ...alerts, '```', '', '</details>']),
  ]
}

function ratioMarkdown(ratio: PlannedRatio): string[] {
  return [`### ratio ${ratio.name} (${ratio.kind})`, '', ...beforeAndAfter(ratio.fields, ratioRows(ratio))]
}

function beforeAndAfter(fields: PlannedSlo['fields'], rows: readonly PlanRow[]): string[] {
  return [
    '| | before | after |',
    '|---|---|---|',
    ...fields.map(({ field, before, after }) => `| **${markdownCell(field)}** | ${code(before)} | ${code(after)} |`),
    ...rows.map(
      ({ label, before, after }) => `| ${markdownCell(label)} | ${markdownCell(before)} | ${markdownCell(after)} |`,
    ),
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
