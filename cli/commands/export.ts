import { stringify } from 'yaml'
import { NinefoldError } from '../../lib/errors.ts'
import { formatFinding } from '../../lib/findings.ts'
import type { ConversionNote } from '../../slo-specs/schema/convert/conversion.ts'
import { exportOpenSlo } from '../../slo-specs/schema/convert/export-openslo.ts'
import { exportSloth } from '../../slo-specs/schema/convert/export-sloth.ts'
import { writeDefinitions } from '../../slo-specs/schema/convert/write-definitions.ts'
import { type Ladder, loadLadder } from '../../slo-specs/schema/ladder.ts'
import { loadSpecs } from '../../slo-specs/schema/load.ts'
import type { SpecSet } from '../../slo-specs/schema/model.ts'
import type { Command } from '../command.ts'
import { formatNote } from '../conversion-notes.ts'
import { specPaths } from '../instance/spec-paths.ts'

interface Exported {
  readonly text: string
  readonly notes: readonly ConversionNote[]
}
type Exporter = (specs: SpecSet, standard: Ladder) => Exported

const exporters: Readonly<Record<string, Exporter>> = {
  openslo: (specs, standard) => {
    const { definitions, notes } = exportOpenSlo(specs, standard)
    return { text: writeDefinitions(definitions), notes }
  },
  sloth: (specs, standard) => {
    const { files, notes } = exportSloth(specs, standard)
    return { text: files.map(file => stringify(file, { lineWidth: 0 })).join('---\n'), notes }
  },
}

export const exportCommand: Command = {
  name: 'export',
  summary: 'specs as plain OpenSLO, or as files of Sloth; what these have no words for is listed',
  usage: 'openslo|sloth [PATH…]',
  options: {},
  examples: [
    { line: 'export openslo slos > openslo.yaml', about: 'references resolved, one definition an SLO' },
    { line: 'export sloth slos > sloth.yaml', about: 'SLOs over Prometheus, one document a service' },
  ],
  run: async ({ positionals, loadConfig, terminal, json }) => {
    const [name = '', ...paths] = positionals
    const exporter = Object.hasOwn(exporters, name) ? exporters[name] : undefined
    if (exporter === undefined)
      throw new NinefoldError('USAGE', `export takes one of ${Object.keys(exporters).join(', ')}`)
    const { specs, findings } = await loadSpecs(specPaths(paths, loadConfig()))
    for (const finding of findings) terminal.note(formatFinding(finding))
    if (specs === null) return 1
    const { text, notes } = exporter(specs, await loadLadder())
    if (json) terminal.out(JSON.stringify({ text, notes }, null, 2))
    else if (text !== '') terminal.out(text.trimEnd())
    for (const note of notes) terminal.note(formatNote(note))
    return 0
  },
}
