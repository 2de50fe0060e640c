import { GraphDrawStyle } from '@grafana/grafana-foundation-sdk/common'
import { type Threshold, VariableRefresh } from '@grafana/grafana-foundation-sdk/dashboard'
import { formatDuration } from '../../lib/durations.ts'
import type { BurnCondition, SpecSet } from '../../slo-specs/schema/model.ts'
import { type BoardPanel, budgetThresholds } from '../panels/panels.ts'
import {
  budgetNow,
  budgetOfOneOverTime,
  burnOverTime,
  eventsOverTime,
  layerTable,
  sliByLayer,
  sliNow,
  sloNames,
} from '../panels/sql.ts'
import type { Board } from './board.ts'
import { layerVariable, queryVariable } from './frame.ts'

/** The look-back windows that page, shortest factor first; the same for all SLOs with the standard ladder. */
function pageConditions(specs: SpecSet): BurnCondition[] {
  const found = new Map<number, BurnCondition>()
  for (const slo of specs.slos) {
    for (const rule of slo.alerts.filter(({ severity }) => severity === 'page')) {
      for (const condition of rule.conditions)
        if (!found.has(condition.longWindowSeconds)) found.set(condition.longWindowSeconds, condition)
    }
  }
  return [...found.values()].sort((a, b) => a.longWindowSeconds - b.longWindowSeconds).slice(0, 2)
}

const paging = (factor: number): Threshold[] => [
  { value: null, color: 'green' },
  { value: 1, color: 'orange' },
  { value: factor, color: 'red' },
]

/** One SLO: what is left, how fast it burns, and where. */
export function sloDetail(specs: SpecSet): Board {
  return {
    uid: 'ninefold-slo-detail',
    title: 'Ninefold / SLO',
    description:
      'One SLO: SLI, error budget, burn rates with their thresholds, and the SLI by any layer of the system.',
    variables: [queryVariable('slo', 'SLO', sloNames).refresh(VariableRefresh.OnTimeRangeChanged), layerVariable()],
    panels: [...now(specs), ...burnRates(specs), ...past(specs)],
  }
}

function now(specs: SpecSet): BoardPanel[] {
  return [
    {
      draw: 'stat',
      id: 1,
      title: 'SLI',
      description: "Good ÷ valid events over the SLO's window.",
      unit: 'percentunit',
      decimals: 4,
      sql: sliNow(specs),
      at: { x: 0, y: 0, w: 6, h: 5 },
      report: { kind: 'sli' },
    },
    {
      draw: 'stat',
      id: 2,
      title: 'Error budget left',
      description: "Share of the window's error budget that is left; negative when overspent.",
      unit: 'percentunit',
      decimals: 1,
      thresholds: budgetThresholds,
      sql: budgetNow(specs),
      at: { x: 6, y: 0, w: 6, h: 5 },
      report: { kind: 'budget' },
    },
    {
      draw: 'timeseries',
      id: 3,
      title: 'Events',
      description: 'Good and bad events per step.',
      unit: 'short',
      drawStyle: GraphDrawStyle.Bars,
      sql: eventsOverTime,
      at: { x: 12, y: 0, w: 12, h: 5 },
      report: { kind: 'events' },
    },
  ]
}

function burnRates(specs: SpecSet): BoardPanel[] {
  return pageConditions(specs).map((condition, index) => {
    const window = formatDuration(condition.longWindowSeconds)
    return {
      draw: 'timeseries',
      id: 4 + index,
      title: `Burn rate over ${window}`,
      description: `Error rate of the last ${window} ÷ the allowed error rate, the highest of each step. Pages from ${condition.threshold} on, when the short window agrees.`,
      unit: 'short',
      thresholds: paging(condition.threshold),
      sql: burnOverTime(specs, condition.longWindowSeconds),
      at: { x: index * 12, y: 5, w: 12, h: 8 },
      report: { kind: 'burn-rate', windowSeconds: condition.longWindowSeconds },
    }
  })
}

function past(specs: SpecSet): BoardPanel[] {
  return [
    {
      draw: 'timeseries',
      id: 9,
      title: 'Error budget left over time',
      description: "Share of the error budget left at the end of each hour, over the SLO's window ending then.",
      unit: 'percentunit',
      thresholds: budgetThresholds,
      sql: budgetOfOneOverTime(specs),
      at: { x: 0, y: 22, w: 24, h: 8 },
      report: { kind: 'budget-over-time' },
    },
    {
      draw: 'timeseries',
      id: 10,
      title: 'SLI by layer',
      description: 'Good ÷ valid events by the values of the chosen layer.',
      unit: 'percentunit',
      sql: sliByLayer,
      at: { x: 0, y: 13, w: 16, h: 9 },
      report: { kind: 'layer-series' },
    },
    {
      draw: 'table',
      id: 11,
      title: 'By layer, worst first',
      description: 'Counts by the values of the chosen layer; they sum to the total.',
      unit: 'short',
      sql: layerTable,
      at: { x: 16, y: 13, w: 8, h: 9 },
      report: { kind: 'layer-table' },
    },
  ]
}
