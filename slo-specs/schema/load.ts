import { loadLadder } from './ladder.ts'
import { type ParsedSpecs, parseSpecs } from './parse-specs.ts'
import { defaultFileLimits, type FileLimits, readSpecFiles } from './spec-files.ts'

export interface LoadOptions {
  readonly limits?: Partial<FileLimits>
}

/**
 * Reads the specs below files and folders (`*.yaml`, `*.yml`, hidden folders left out) and the standard ladder.
 * @returns the set, or null with at least one finding of severity error; nothing is thrown for what somebody wrote or linked.
 */
export async function loadSpecs(paths: readonly string[], options: LoadOptions = {}): Promise<ParsedSpecs> {
  const standard = await loadLadder()
  const { files, problems } = await readSpecFiles(paths, { ...defaultFileLimits, ...options.limits })
  return parseSpecs(files, {
    standard,
    earlier: report => {
      for (const { code, file, message } of problems) report(code, { file, line: 1, column: 1 }, message)
    },
  })
}
