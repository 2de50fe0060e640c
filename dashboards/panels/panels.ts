import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import {
  type GraphDrawStyle,
  LegendDisplayMode,
  LegendPlacement,
  VizLegendOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common'
import {
  type Panel,
  type Threshold,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { PanelBuilder as StatPanel } from '@grafana/grafana-foundation-sdk/stat'
import { PanelBuilder as TablePanel } from '@grafana/grafana-foundation-sdk/table'
import { PanelBuilder as TimeseriesPanel } from '@grafana/grafana-foundation-sdk/timeseries'
import type { PanelReport } from '../../compute/reports/panel-report.ts'
import { clickhouseQuery, datasource } from './clickhouse-query.ts'

/** Every panel has a place, a title, a description and a unit: nobody should have to guess what a number means. */
export interface BoardPanel {
  readonly draw: 'timeseries' | 'stat' | 'table'
  /** What it shows, as Ninefold itself answers it; `sql` is the same for Grafana. */
  readonly report: PanelReport
  /** Stable within its dashboard: links and annotations refer to it. */
  readonly id: number
  readonly title: string
  readonly description: string
  /** Grafana's unit id, e.g. `percentunit`, `short`. */
  readonly unit: string
  readonly sql: string
  readonly at: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly thresholds?: readonly Threshold[]
  readonly decimals?: number
  readonly drawStyle?: GraphDrawStyle
}

type AnyPanel = StatPanel | TablePanel | TimeseriesPanel

function dress<P extends AnyPanel>(
  panel: P,
  { id, title, description, unit, at, thresholds, decimals }: BoardPanel,
): P {
  panel
    .id(id)
    .title(title)
    .description(description)
    .datasource(datasource)
    .unit(unit)
    .gridPos({ ...at, static: false })
  if (decimals !== undefined) panel.decimals(decimals)
  if (thresholds !== undefined)
    panel.thresholds(new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps([...thresholds]))
  return panel
}

/** A panel in Grafana's v1 model. */
export function drawPanel(panel: BoardPanel): Builder<Panel> {
  switch (panel.draw) {
    case 'timeseries':
      return timeseries(panel)
    case 'stat':
      return dress(new StatPanel(), panel).withTarget(clickhouseQuery(panel.sql, 'table'))
    case 'table':
      return dress(new TablePanel(), panel).withTarget(clickhouseQuery(panel.sql, 'table'))
  }
}

function timeseries(options: BoardPanel): Builder<Panel> {
  const legend = new VizLegendOptionsBuilder()
    .displayMode(LegendDisplayMode.List)
    .placement(LegendPlacement.Bottom)
    .showLegend(true)
  const panel = dress(new TimeseriesPanel(), options).legend(legend).withTarget(clickhouseQuery(options.sql, 'series'))
  return options.drawStyle === undefined ? panel : panel.drawStyle(options.drawStyle)
}

/** Green, and red below zero: for what is left of a budget. */
export const budgetThresholds: readonly Threshold[] = [
  { value: null, color: 'red' },
  { value: 0, color: 'orange' },
  { value: 0.25, color: 'green' },
]
