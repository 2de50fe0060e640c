import { formatFinding } from '../../lib/findings.ts'
import { loadSpecs } from '../../slo-specs/schema/load.ts'
import type { Command } from '../command.ts'

export const validateCommand: Command = {
  name: 'validate',
  summary: 'all problems of all spec files, each with position, code and remedy',
  usage: '[PATH…]',
  options: {},
  examples: [
    { line: 'validate', about: 'the specs of the configuration' },
    { line: 'validate slo-specs/services/checkout', about: 'one folder' },
    { line: 'validate checkout.yaml --json', about: 'findings as JSON, for editors and CI' },
  ],
  run: async ({ positionals, loadConfig, terminal, json }) => {
    const paths = positionals.length > 0 ? positionals : [loadConfig().config.specs]
    const { specs, findings } = await loadSpecs(paths)
    const errors = findings.filter(({ severity }) => severity === 'error').length
    const warnings = findings.length - errors
    if (json) {
      terminal.out(
        JSON.stringify({ slos: specs?.slos.length ?? null, revision: specs?.revision ?? null, findings }, null, 2),
      )
    } else {
      for (const finding of findings) terminal.out(formatFinding(finding))
      const found = specs === null ? '' : `${specs.slos.length} SLOs of ${specs.services.length} services, `
      terminal.out(`${found}${errors} errors, ${warnings} warnings`)
    }
    return errors > 0 ? 1 : 0
  },
}
