import { NinefoldError } from '../../lib/errors.ts'
import { loadSpecs } from '../../slo-specs/schema/load.ts'
import type { Command } from '../command.ts'
import { type FindingFormat, findingFormats } from '../finding-formats.ts'
import { specPaths } from '../instance/spec-paths.ts'

export const validateCommand: Command = {
  name: 'validate',
  summary: 'all problems of all spec files, each with position, code and remedy',
  usage: `[PATH…] [--format ${Object.keys(findingFormats).join('|')}]`,
  options: { format: { type: 'string', about: 'how findings are written (default text; --json is --format json)' } },
  examples: [
    { line: 'validate', about: 'the specs of the configuration' },
    { line: 'validate slo-specs/services/checkout', about: 'one folder' },
    { line: 'validate checkout.yaml --json', about: 'findings as JSON, for editors and CI' },
    { line: 'validate slos --format github', about: 'annotations on a pull request, in a GitHub workflow' },
    { line: 'validate slos --format sarif > slos.sarif', about: 'for code scanning' },
  ],
  run: async ({ positionals, flags, loadConfig, terminal, json }) => {
    const format = formatOf(flags.format, json)
    const paths = specPaths(positionals, loadConfig())
    const { specs, findings } = await loadSpecs(paths)
    const counts = { slos: specs?.slos.length ?? null, services: specs?.services.length ?? 0 }
    terminal.out(findingFormats[format]({ ...counts, revision: specs?.revision ?? null, findings }))
    return findings.some(({ severity }) => severity === 'error') ? 1 : 0
  },
}

function formatOf(written: unknown, json: boolean): FindingFormat {
  if (written === undefined) return json ? 'json' : 'text'
  const names = Object.keys(findingFormats) as FindingFormat[]
  const format = names.find(name => name === written)
  if (format === undefined) throw new NinefoldError('USAGE', `--format is one of ${names.join(', ')}`)
  return format
}
