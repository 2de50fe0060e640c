import { alertLines, type PlanRow, planHeadline, planRows, ratioRows } from './plan-parts.ts'
import type { PlannedRatio, PlannedSlo, PlanReply } from './plan-reply.ts'
import { tableLines } from './text-table.ts'

const marks = { added: '+', changed: '~', removed: '-' } as const

/** A plan for a terminal. */
export function planText(plan: PlanReply): string[] {
  return [
    planHeadline(plan),
    ...plan.slos.flatMap(slo => ['', ...sloText(slo)]),
    ...plan.ratios.flatMap(ratio => ['', ...ratioText(ratio)]),
  ]
}

function fieldLines(fields: PlannedSlo['fields']): string[] {
  return fields.flatMap(({ field, before, after }) => [
    `    ${field}`,
    ...(before === '' ? [] : [`      - ${before}`]),
    ...(after === '' ? [] : [`      + ${after}`]),
  ])
}

function ratioText(ratio: PlannedRatio): string[] {
  return [
    `${marks[ratio.kind]} ratio ${ratio.name} (${ratio.kind})`,
    ...fieldLines(ratio.fields),
    ...table(ratioRows(ratio)).map(line => `    ${line}`),
  ]
}

function sloText(slo: PlannedSlo): string[] {
  const alerts = alertLines(slo)
  return [
    `${marks[slo.kind]} ${slo.name} (${slo.kind})`,
    ...fieldLines(slo.fields),
    ...table(planRows(slo)).map(line => `    ${line}`),
    ...alerts.map(line => `    ${line}`),
  ]
}

function table(rows: readonly PlanRow[]): string[] {
  return tableLines([['', 'BEFORE', 'AFTER'], ...rows.map(({ label, before, after }) => [label, before, after])])
}
