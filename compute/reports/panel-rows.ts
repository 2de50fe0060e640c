import type { PanelCell, PanelColumn, PanelData } from './panel-report.ts'
import type { HistoryRange, TimeRange } from './reports.ts'

/** Steps that a range may be cut into: the first that gives at most so many points. */
export const panelSteps = [60, 300, 900, 3600, 21_600, 86_400] as const
const mostPoints = 400
const mostRows = 200

export const column = (name: string, type: PanelColumn['type']): PanelColumn => ({ name, type })
export const time = column('time', 'time')

/** The steps that the range is shown in, from the one that it begins in. */
export function steppedRange({ fromMs, toMs }: TimeRange): HistoryRange {
  const stepSeconds = panelSteps.find(seconds => (toMs - fromMs) / 1000 / seconds <= mostPoints) ?? 86_400
  return { fromMs, toMs, stepSeconds }
}

/** As many rows as are told, and how many more there were at least. */
export function bounded(columns: readonly PanelColumn[], rows: readonly (readonly PanelCell[])[]): PanelData {
  const shown = rows.slice(0, mostRows)
  return { columns, rows: shown, stepSeconds: null, omitted: rows.length - shown.length }
}

/** One more than is shown is read, to know whether there are more. */
export const rowLimit = mostRows + 1

export function series(
  columns: readonly PanelColumn[],
  rows: readonly (readonly PanelCell[])[],
  { stepSeconds }: HistoryRange,
): PanelData {
  return { columns, rows, stepSeconds, omitted: 0 }
}
