import { formatBurnRate, formatRatio } from '../compute/budget/format.ts'
import { knownPartText } from './known-part-text.ts'
import { tableLines } from './text-table.ts'

/** What is read of an SLO's reply. */
export interface SloRow {
  readonly name: string
  readonly service: string
  readonly objective: number
  readonly objectiveText: string
  readonly sli: number | null
  readonly status: string
  readonly good: number
  readonly valid: number
  readonly window: { readonly text: string; readonly from: string; readonly to: string }
  readonly coverage: number
  readonly data: { readonly from: string; readonly to: string } | null
  readonly errorBudget: { readonly remainingRatio: number; readonly exhaustedAt: string | null }
  readonly burnRates: readonly { readonly window: string; readonly rate: number | null }[]
}

/** A line an SLO in columns, then those whose numbers are of a part of their window. */
export function statusLines(rows: readonly SloRow[]): string[] {
  if (rows.length === 0) return ['no SLOs yet: write one in the specs folder, see docs/specs/language.md']
  return [...table(rows), ...partLines(rows)]
}

function table(rows: readonly SloRow[]): string[] {
  const header = ['SLO', 'STATUS', 'SLI', 'OBJECTIVE', 'WINDOW', 'BUDGET LEFT', 'BURN 1h', 'VALID']
  const cells = rows.map(row => [
    row.name,
    row.status,
    formatRatio(row.sli, { target: row.objective }),
    formatRatio(row.objective),
    row.window.text,
    formatRatio(row.errorBudget.remainingRatio),
    formatBurnRate(row.burnRates.find(({ window }) => window === '1h')?.rate ?? null),
    String(row.valid),
  ])
  return tableLines([header, ...cells])
}

function partLines(rows: readonly SloRow[]): string[] {
  return rows.flatMap(({ name, status, coverage, data, window }) => {
    const part =
      status === 'no-data' ? '' : knownPartText({ ...window, coverage, data }, `the window of ${window.text}`)
    return part === '' ? [] : [`${name}: ${part}`]
  })
}
