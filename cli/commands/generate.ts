import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { NinefoldError } from '../../lib/errors.ts'
import { formatFinding } from '../../lib/findings.ts'
import { loadSpecs } from '../../slo-specs/schema/load.ts'
import type { Command } from '../command.ts'
import { generators } from '../generators.ts'
import { specPaths } from '../instance/spec-paths.ts'

const generatorNames = [...generators.keys()]

export const generateCommand: Command = {
  name: 'generate',
  summary:
    'write dashboards, alert rules and who is told, for Grafana, Prometheus and Alertmanager, made from the specs',
  usage: `${generatorNames.join('|')} [--out DIR]`,
  maxPositionals: 1,
  options: { out: { type: 'string', about: 'folder to write to (default: generated)' } },
  examples: [
    { line: 'generate dashboards --out grafana/dashboards', about: 'dashboards for file provisioning' },
    { line: 'generate prometheus --out prometheus/rules', about: 'burn alerts and recording rules over /metrics' },
    { line: 'generate alertmanager --out alertmanager', about: 'who is told of these alerts, as the specs say' },
    {
      line: 'generate grafana-alerting --out grafana/alerting',
      about: 'the same two for file provisioning of Grafana',
    },
  ],
  run: async ({ positionals, flags, loadConfig, terminal, json }) => {
    const [what = ''] = positionals
    const generator = generators.get(what)
    if (generator === undefined) {
      throw new NinefoldError('USAGE', `generate takes one of ${generatorNames.join(', ')}`)
    }
    const loaded = loadConfig()
    const { specs, findings } = await loadSpecs(specPaths([], loaded))
    if (specs === null) throw new NinefoldError('SPECS_INVALID', findings.map(formatFinding).join('\n'))
    const folder = typeof flags.out === 'string' ? flags.out : 'generated'
    mkdirSync(folder, { recursive: true })
    const { files, notes } = generator(specs, loaded.config)
    const paths = files.map(({ name, text }) => {
      const path = join(folder, name)
      writeFileSync(path, text)
      return path
    })
    if (json) terminal.out(JSON.stringify({ files: paths, notes }))
    else for (const path of paths) terminal.out(path)
    for (const note of notes) terminal.note(`not in it: ${note}`)
    return 0
  },
}
