import { writeFileSync } from 'node:fs'
import { type Finding, formatFinding } from '../../lib/findings.ts'
import { findingRegistry } from '../../slo-specs/schema/finding-codes.ts'
import { formatSpec } from '../../slo-specs/schema/format-spec.ts'
import { defaultFileLimits, readSpecFiles } from '../../slo-specs/schema/spec-files.ts'
import type { Command } from '../command.ts'
import { specPaths } from '../instance/spec-paths.ts'

export const fmtCommand: Command = {
  name: 'fmt',
  summary: 'write spec files in their canonical form; comments, quotes and blank lines stay',
  usage: '[PATH…] [--check]',
  options: { check: { type: 'boolean', about: 'change nothing; name the files that would change and exit 1' } },
  examples: [
    { line: 'fmt', about: 'the specs of the configuration' },
    { line: 'fmt checkout.yaml', about: 'one file' },
    { line: 'fmt slos --check', about: 'for CI and pre-commit hooks' },
  ],
  run: async ({ positionals, flags, loadConfig, terminal, json }) => {
    const paths = specPaths(positionals, loadConfig())
    const { files, problems } = await readSpecFiles(paths, defaultFileLimits)
    const findings = problems
      .filter(({ code }) => findingRegistry[code].severity === 'error')
      .map(({ code, file, message }) => findingOf(code, { file, line: 1, column: 1 }, message))
    const changed: string[] = []
    for (const { file, text } of files) {
      const result = formatSpec(text)
      if ('problem' in result) {
        findings.push(findingOf('SPEC_YAML_SYNTAX', positionOf(file, text, result.offset), result.problem))
        continue
      }
      if (result.text === text) continue
      changed.push(file)
      if (flags.check !== true) writeFileSync(file, result.text)
    }
    if (json) terminal.out(JSON.stringify({ files: files.length, changed, findings }, null, 2))
    else {
      for (const finding of findings) terminal.out(formatFinding(finding))
      for (const file of changed) terminal.out(file)
      const verb = flags.check === true ? 'to be formatted' : 'formatted'
      terminal.note(`${files.length} files, ${changed.length} ${verb}`)
    }
    return findings.length > 0 || (flags.check === true && changed.length > 0) ? 1 : 0
  },
}

function findingOf(
  code: keyof typeof findingRegistry,
  position: Pick<Finding, 'file' | 'line' | 'column'>,
  message: string,
): Finding {
  return { ...position, code, message, ...findingRegistry[code] }
}

function positionOf(file: string, text: string, offset: number): Pick<Finding, 'file' | 'line' | 'column'> {
  const lines = text.slice(0, offset).split('\n')
  return { file, line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 }
}
