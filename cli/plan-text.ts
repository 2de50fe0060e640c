import { alertLines, type PlanRow, planHeadline, planRows, ratioRows } from './plan-parts.ts'
import type { PlannedRatio, PlannedSlo, PlanReply } from './plan-reply.ts'

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
  const cells = [['', 'BEFORE', 'AFTER'], ...rows.map(({ label, before, after }) => [label, before, after])]
  const widths = [0, 1].map(column => Math.max(...cells.map(row => row[column]?.length ?? 0)))
  return cells.map(row =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
