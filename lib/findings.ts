/** One problem found in somebody's input (spec, configuration), with where it is and what to do about it. */
export interface Finding {
  readonly file: string
  /** 1-based. */
  readonly line: number
  /** 1-based. */
  readonly column: number
  /** Stable code, e.g. `SPEC_UNKNOWN_FIELD`. */
  readonly code: string
  readonly severity: 'error' | 'warning'
  readonly message: string
  readonly remedy: string
}

/** `file:line:column  CODE  message — remedy`, the one form in which problems are printed. */
export function formatFinding(finding: Finding): string {
  const { file, line, column, code, message, remedy } = finding
  return `${file}:${line}:${column}  ${code}  ${message} — ${remedy}`
}

/** Orders findings by file, then position. */
export function compareFindings(a: Finding, b: Finding): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1
  return a.line - b.line || a.column - b.column || (a.code < b.code ? -1 : 1)
}
