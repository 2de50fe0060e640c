import { NinefoldError } from '../../lib/errors.ts'
import { formatFinding } from '../../lib/findings.ts'
import { exportOpenSlo } from '../../slo-specs/schema/convert/export-openslo.ts'
import { writeDefinitions } from '../../slo-specs/schema/convert/write-definitions.ts'
import { loadLadder } from '../../slo-specs/schema/ladder.ts'
import { loadSpecs } from '../../slo-specs/schema/load.ts'
import type { Command } from '../command.ts'
import { formatNote } from '../conversion-notes.ts'

const exporters: Readonly<Record<string, typeof exportOpenSlo>> = { openslo: exportOpenSlo }

export const exportCommand: Command = {
  name: 'export',
  summary: 'specs as plain OpenSLO; what it has no words for is listed',
  usage: 'openslo [PATH…]',
  options: {},
  examples: [{ line: 'export openslo slos > openslo.yaml', about: 'references resolved, one definition an SLO' }],
  run: async ({ positionals, loadConfig, terminal, json }) => {
    const [name = '', ...paths] = positionals
    const exporter = Object.hasOwn(exporters, name) ? exporters[name] : undefined
    if (exporter === undefined)
      throw new NinefoldError('USAGE', `export takes one of ${Object.keys(exporters).join(', ')}`)
    const { specs, findings } = await loadSpecs(paths.length > 0 ? paths : [loadConfig().config.specs])
    for (const finding of findings) terminal.note(formatFinding(finding))
    if (specs === null) return 1
    const { definitions, notes } = exporter(specs, await loadLadder())
    const text = writeDefinitions(definitions)
    if (json) terminal.out(JSON.stringify({ text, notes }, null, 2))
    else terminal.out(text.trimEnd())
    for (const note of notes) terminal.note(formatNote(note))
    return 0
  },
}
