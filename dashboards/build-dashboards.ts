import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import type { SpecSet } from '../slo-specs/schema/model.ts'
import { pipelineHealth } from './boards/pipeline.ts'
import { sloDetail } from './boards/slo-detail.ts'
import { sloOverview } from './boards/slo-overview.ts'

export interface GeneratedDashboard {
  readonly uid: string
  readonly title: string
  readonly description: string
  readonly fileName: string
  /** Grafana's v1 dashboard model, which file provisioning takes. */
  readonly json: Dashboard
}

/** The Grafana dashboards of a set of specs, over Ninefold's ClickHouse tables. */
export function buildDashboards(specs: SpecSet): GeneratedDashboard[] {
  return [sloOverview(specs), sloDetail(specs), pipelineHealth()].map(json => ({
    uid: json.uid ?? '',
    title: json.title ?? '',
    description: json.description ?? '',
    fileName: `${json.uid}.json`,
    json,
  }))
}
