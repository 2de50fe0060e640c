import { buildDashboards } from '../../dashboards/build-dashboards.ts'
import { buildPrometheusRules } from '../../dashboards/rules/prometheus-rules.ts'
import { loadSpecs } from '../../slo-specs/schema/load.ts'
import type { SpecSet } from '../../slo-specs/schema/model.ts'

/** The demo's specs, from which the committed files are made. */
export async function demoSpecs(): Promise<SpecSet> {
  const folder = new URL('../../slo-specs/services', import.meta.url).pathname
  const { specs, findings } = await loadSpecs([folder])
  if (specs === null) throw new Error(JSON.stringify(findings))
  return specs
}

/** Every generated file by name, as it should stand in dashboards/generated/. */
export function generatedFiles(specs: SpecSet): Map<string, string> {
  const boards = buildDashboards(specs).map(
    ({ fileName, json }) => [fileName, `${JSON.stringify(json, null, 2)}\n`] as const,
  )
  return new Map([...boards, ['ninefold.rules.yaml', buildPrometheusRules(specs)]])
}
