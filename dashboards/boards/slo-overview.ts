import type { SpecSet } from '../../slo-specs/schema/model.ts'
import { budgetThresholds } from '../panels/panels.ts'
import { alertTable, budgetsOverTime, serviceNames, sloTable } from '../panels/sql.ts'
import type { Board } from './board.ts'
import { queryVariable } from './frame.ts'

/** Are we keeping our promises? All SLOs, worst first. */
export function sloOverview(specs: SpecSet): Board {
  return {
    uid: 'ninefold-slo-overview',
    title: 'Ninefold / SLO overview',
    description: 'All SLOs, worst error budget first, with the alerts of the time shown.',
    variables: [queryVariable('service', 'Service', serviceNames).multi(true).includeAll(true)],
    panels: [
      {
        draw: 'table',
        id: 1,
        title: 'SLOs, worst budget first',
        description:
          "SLI and error budget over each SLO's own window. A negative budget is overspent; nothing is clamped.",
        unit: 'percentunit',
        decimals: 3,
        sql: sloTable(specs),
        at: { x: 0, y: 0, w: 24, h: 10 },
        report: { kind: 'slo-table' },
      },
      {
        draw: 'timeseries',
        id: 2,
        title: 'Error budget left',
        description: "Share of each SLO's error budget left at the end of each hour, over its own window ending then.",
        unit: 'percentunit',
        thresholds: budgetThresholds,
        sql: budgetsOverTime(specs),
        at: { x: 0, y: 10, w: 14, h: 9 },
        report: { kind: 'budgets' },
      },
      {
        draw: 'table',
        id: 3,
        title: 'Alerts',
        description: 'Alert episodes that fired within the time shown, newest first.',
        unit: 'short',
        sql: alertTable,
        at: { x: 14, y: 10, w: 10, h: 9 },
        report: { kind: 'alerts' },
      },
    ],
  }
}
