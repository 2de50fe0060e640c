import type { DashboardCatalogue } from '../../api/routes/dashboards.ts'
import { createPanelReader } from '../../compute/reports/panel-data.ts'
import type { RatioReports } from '../../compute/reports/ratio-reports.ts'
import type { Reports } from '../../compute/reports/reports.ts'
import { buildDashboards } from '../../dashboards/build-dashboards.ts'
import type { Clock } from '../../lib/clock.ts'
import type { SpecSet } from '../../slo-specs/schema/model.ts'
import type { Reader } from '../../store/client/store.ts'

/** The boards of the specs in force, and what their panels show. */
export function createBoards(options: {
  readonly reader: Reader
  readonly reports: Reports
  readonly ratios: RatioReports
  readonly specs: () => SpecSet
  readonly clock: Clock
}): DashboardCatalogue {
  const { read } = createPanelReader(options)
  return { list: () => buildDashboards(options.specs()), read }
}
