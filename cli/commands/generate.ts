import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildDashboards } from '../../dashboards/build-dashboards.ts'
import { buildPrometheusRules } from '../../dashboards/rules/prometheus-rules.ts'
import { NinefoldError } from '../../lib/errors.ts'
import { formatFinding } from '../../lib/findings.ts'
import { loadSpecs } from '../../slo-specs/schema/load.ts'
import type { SpecSet } from '../../slo-specs/schema/model.ts'
import type { Command } from '../command.ts'
import { specPaths } from '../instance/spec-paths.ts'

interface GeneratedFile {
  readonly name: string
  readonly text: string
}

const dashboards = (specs: SpecSet): readonly GeneratedFile[] =>
  buildDashboards(specs).map(({ fileName, json }) => ({ name: fileName, text: `${JSON.stringify(json, null, 2)}\n` }))

const generators = new Map([
  ['dashboards', dashboards],
  ['prometheus', specs => [{ name: 'ninefold.rules.yaml', text: buildPrometheusRules(specs) }]],
])
const generatorNames = [...generators.keys()]

export const generateCommand: Command = {
  name: 'generate',
  summary: 'write Grafana dashboards or Prometheus rules made from the specs',
  usage: `${generatorNames.join('|')} [--out DIR]`,
  maxPositionals: 1,
  options: { out: { type: 'string', about: 'folder to write to (default: generated)' } },
  examples: [
    { line: 'generate dashboards --out grafana/dashboards', about: 'dashboards for file provisioning' },
    { line: 'generate prometheus --out prometheus/rules', about: 'burn alerts and recording rules over /metrics' },
  ],
  run: async ({ positionals, flags, loadConfig, terminal, json }) => {
    const [what = ''] = positionals
    const generator = generators.get(what)
    if (generator === undefined) {
      throw new NinefoldError('USAGE', `generate takes one of ${generatorNames.join(', ')}`)
    }
    const { specs, findings } = await loadSpecs(specPaths([], loadConfig()))
    if (specs === null) throw new NinefoldError('SPECS_INVALID', findings.map(formatFinding).join('\n'))
    const folder = typeof flags.out === 'string' ? flags.out : 'generated'
    mkdirSync(folder, { recursive: true })
    const files = generator(specs).map(({ name, text }) => {
      const path = join(folder, name)
      writeFileSync(path, text)
      return path
    })
    if (json) terminal.out(JSON.stringify({ files }))
    else for (const path of files) terminal.out(path)
    return 0
  },
}
