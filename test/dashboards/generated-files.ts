import { loadConfig } from '../../cli/config.ts'
import { generators } from '../../cli/generators.ts'
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
  const { config } = loadConfig({ environment: {}, sets: [] })
  const files = [...generators.values()].flatMap(generate => generate(specs, config).files)
  return new Map(files.map(({ name, text }) => [name, text]))
}
