import { NinefoldError } from '../../lib/errors.ts'
import type { PanelCell, PanelData, PanelReport, PanelRequest } from './panel-report.ts'
import { bounded, column, series, time } from './panel-rows.ts'
import type { RatioReports } from './ratio-reports.ts'
import type { HistoryRange } from './reports.ts'

type RatioKind = Extract<PanelReport['kind'], 'ratio-table' | 'ratio-lines' | 'ratio-layers'>

const mostLines = 20

/**
 * What a panel about ratios shows.
 * @throws API_BAD_REQUEST when one ratio is wanted and none is named, API_NOT_FOUND when there is none of that name.
 */
export async function ratioPanel(
  ratios: RatioReports,
  kind: RatioKind,
  request: PanelRequest,
  range: HistoryRange,
): Promise<PanelData> {
  switch (kind) {
    case 'ratio-table': {
      const values = ['Last hour', 'Last day', 'Last 30 days'].map(name => column(name, 'number'))
      const rows = (await ratios.values()).map(({ ratio, windows }) => [
        ratio.name,
        ...windows.map(({ value }) => value),
      ])
      return bounded([column('Ratio', 'text'), ...values], rows)
    }
    case 'ratio-lines': {
      const names = ratios.ratios().map(({ name }) => name)
      const rows: PanelCell[][] = []
      for (const name of names.slice(0, mostLines)) {
        for (const { atMs, value } of await ratios.history(name, range))
          if (value !== null) rows.push([atMs, name, value])
      }
      const lines = series([time, column('label', 'text'), column('value', 'number')], rows, range)
      return { ...lines, omitted: Math.max(0, names.length - mostLines) }
    }
    case 'ratio-layers': {
      const sides = ['Ratio', 'Numerator', 'Denominator'].map(name => column(name, 'number'))
      const found = await ratios.layers(nameOf(ratios, request), request.layer, request.range)
      const rows = found.map(({ layerValue, value, numerator, denominator }) => [
        ...[layerValue, value, numerator, denominator],
      ])
      return bounded([column('Value', 'text'), ...sides], rows)
    }
  }
}

function nameOf(ratios: RatioReports, { ratio: name }: PanelRequest): string {
  if (name === undefined)
    throw new NinefoldError('API_BAD_REQUEST', 'this panel shows one ratio: name it with var-ratio')
  if (ratios.ratios().every(ratio => ratio.name !== name))
    throw new NinefoldError('API_NOT_FOUND', `there is no ratio named ${JSON.stringify(name)}`)
  return name
}
