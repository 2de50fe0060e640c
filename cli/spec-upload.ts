import { formatFinding } from '../lib/findings.ts'
import { findingRegistry } from '../slo-specs/schema/finding-codes.ts'
import type { SpecFile } from '../slo-specs/schema/parse-specs.ts'
import { defaultFileLimits, readSpecFiles } from '../slo-specs/schema/spec-files.ts'
import type { Terminal } from './command.ts'

/** The spec files below the paths, to be sent to an instance; undefined after telling which cannot be read. */
export async function readFilesToSend(
  paths: readonly string[],
  terminal: Pick<Terminal, 'note'>,
): Promise<readonly SpecFile[] | undefined> {
  const { files, problems } = await readSpecFiles(paths, defaultFileLimits)
  for (const { code, file, message } of problems)
    terminal.note(formatFinding({ file, line: 1, column: 1, code, message, ...findingRegistry[code] }))
  return problems.some(({ code }) => findingRegistry[code].severity === 'error') ? undefined : files
}
