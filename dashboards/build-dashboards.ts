import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import type { SpecSet } from '../slo-specs/schema/model.ts'
import { drawBoard } from './boards/frame.ts'
import { pipelineHealth } from './boards/pipeline.ts'
import { ratiosBoard } from './boards/ratios.ts'
import { sloDetail } from './boards/slo-detail.ts'
import { sloOverview } from './boards/slo-overview.ts'
import type { BoardPanel } from './panels/panels.ts'

export interface GeneratedDashboard {
  readonly uid: string
  readonly title: string
  readonly description: string
  readonly panels: readonly BoardPanel[]
  readonly fileName: string
  /** Grafana's v1 dashboard model, which file provisioning takes. */
  readonly json: Dashboard
}

/** The dashboards of a set of specs (that of ratios where there are any), over Ninefold's ClickHouse tables. */
export function buildDashboards(specs: SpecSet): GeneratedDashboard[] {
  const ofRatios = specs.ratios.length === 0 ? [] : [ratiosBoard(specs.ratios)]
  return [sloOverview(specs), sloDetail(specs), ...ofRatios, pipelineHealth()].map(board => ({
    uid: board.uid,
    title: board.title,
    description: board.description,
    panels: board.panels,
    fileName: `${board.uid}.json`,
    json: drawBoard(board),
  }))
}
