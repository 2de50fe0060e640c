import type { Ratio } from '../../slo-specs/schema/model.ts'
import { ratioByLayer, ratiosOverTime, ratioTable } from '../panels/ratio-sql.ts'
import type { Board } from './board.ts'
import { customVariable, layerVariable } from './frame.ts'

const windows = [
  [3600, 'Last hour'],
  [86_400, 'Last day'],
  [30 * 86_400, 'Last 30 days'],
] as const

/** One number over another: all ratios, and one of them by layer. */
export function ratiosBoard(ratios: readonly Ratio[]): Board {
  const names = ratios.map(({ name }) => name).join(', ')
  return {
    uid: 'ninefold-ratios',
    title: 'Ninefold / Ratios',
    description: 'Ratios such as orders for each cart: now, over time, and one of them by any layer that it keeps.',
    variables: [customVariable('ratio', 'Ratio', names), layerVariable()],
    panels: [
      {
        draw: 'table',
        id: 1,
        title: 'Ratios',
        description:
          'Each ratio over the last hour, day and 30 days, from all its events; empty without a denominator.',
        unit: 'short',
        sql: ratioTable(ratios, windows),
        at: { x: 0, y: 0, w: 12, h: 9 },
        report: { kind: 'ratio-table' },
      },
      {
        draw: 'table',
        id: 2,
        title: 'By layer',
        description: 'The chosen ratio by the values of a layer within the time shown, the greatest denominator first.',
        unit: 'short',
        sql: ratioByLayer(ratios),
        at: { x: 12, y: 0, w: 12, h: 9 },
        report: { kind: 'ratio-layers' },
      },
      {
        draw: 'timeseries',
        id: 3,
        title: 'Ratios over time',
        description: 'Each step from all its events: nothing is averaged.',
        unit: 'short',
        sql: ratiosOverTime(ratios),
        at: { x: 0, y: 9, w: 24, h: 11 },
        report: { kind: 'ratio-lines' },
      },
    ],
  }
}
