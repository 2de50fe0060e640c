import { NinefoldError } from '../../lib/errors.ts'
import { formatFinding } from '../../lib/findings.ts'
import type { Conversion } from '../../slo-specs/schema/convert/conversion.ts'
import { importOpenSlo } from '../../slo-specs/schema/convert/import-openslo.ts'
import { importSloth, type SlothOptions } from '../../slo-specs/schema/convert/import-sloth.ts'
import { writeDefinitions } from '../../slo-specs/schema/convert/write-definitions.ts'
import { loadLadder } from '../../slo-specs/schema/ladder.ts'
import { parseSpecs, type SpecFile } from '../../slo-specs/schema/parse-specs.ts'
import type { Command } from '../command.ts'
import { formatNote } from '../conversion-notes.ts'
import { readFilesToSend } from '../spec-upload.ts'

type Importer = (files: readonly SpecFile[], options: SlothOptions) => Conversion

const importers: Readonly<Record<string, Importer>> = { sloth: importSloth, openslo: importOpenSlo }
const periods = ['30d', '28d'] as const

export const importCommand: Command = {
  name: 'import',
  summary: 'SLOs of Sloth, or OpenSLO of other tools, as specs of Ninefold; what cannot be carried over is listed',
  usage: 'sloth|openslo FILE… [--period 30d|28d] [--prometheus URL]',
  options: {
    period: { type: 'string', about: 'sloth: the window of its SLOs, which its files do not say (default 30d)' },
    prometheus: {
      type: 'string',
      about: 'sloth: address of the Prometheus that its rules run in (default http://localhost:9090)',
    },
  },
  examples: [
    { line: 'import sloth slos.yml > slos/shop.yaml', about: 'prometheus/v1, or the Kubernetes kind' },
    { line: 'import openslo old/*.yaml > slos/old.yaml', about: 'openslo/v1alpha becomes v1' },
  ],
  run: async ({ positionals, flags, terminal, json }) => {
    const [name = '', ...paths] = positionals
    const importer = Object.hasOwn(importers, name) ? importers[name] : undefined
    if (importer === undefined)
      throw new NinefoldError('USAGE', `import takes one of ${Object.keys(importers).join(', ')}`)
    if (paths.length === 0) throw new NinefoldError('USAGE', `import ${name} takes files`)
    const period = periods.find(each => each === (flags.period ?? '30d'))
    if (period === undefined) throw new NinefoldError('USAGE', `--period is one of ${periods.join(', ')}`)
    const prometheus = typeof flags.prometheus === 'string' ? flags.prometheus : 'http://localhost:9090'
    const files = await readFilesToSend(paths, terminal)
    if (files === undefined) return 1
    const standard = await loadLadder()
    const { definitions, notes, findings } = importer(files, { standard, period, prometheus })
    const text = definitions.length === 0 ? '' : writeDefinitions(definitions)
    const result = parseSpecs([{ file: '<result>', text }], { standard })
    const told = [...findings, ...(text === '' ? [] : result.findings)]
    if (json) terminal.out(JSON.stringify({ text, notes, findings: told }, null, 2))
    else if (text !== '') terminal.out(text.trimEnd())
    for (const note of notes) terminal.note(formatNote(note))
    for (const finding of told) terminal.note(formatFinding(finding))
    return told.some(({ severity }) => severity === 'error') ? 1 : 0
  },
}
