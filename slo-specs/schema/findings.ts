import { compareFindings, type Finding } from '../../lib/findings.ts'
import { type FindingCode, findingRegistry } from './finding-codes.ts'
import type { SourcePosition } from './model.ts'

/** Tells of one problem; reading goes on, so that all problems of all files are found at once. */
export type Report = (code: FindingCode, position: SourcePosition, message: string) => void

export interface FindingCollector {
  readonly report: Report
  /** In order of file and position, each once. */
  sorted(): Finding[]
}

/** More would help nobody; the rest is counted in a last finding. */
const mostFindings = 1_000

export function collectFindings(): FindingCollector {
  const findings = new Map<string, Finding>()
  let more = 0
  return {
    report: (code, { file, line, column }, message) => {
      const { severity, remedy } = findingRegistry[code]
      const key = `${file}:${line}:${column}:${code}:${message}`
      // Errors always find a place: whether specs are good must not depend on how many warnings came first.
      if (findings.size >= mostFindings && !findings.has(key) && severity === 'warning') {
        more += 1
        return
      }
      if (findings.size >= 2 * mostFindings) {
        more += 1
        return
      }
      findings.set(key, { file, line, column, code, severity, message: printable(message), remedy })
    },
    sorted: () => {
      const sorted = [...findings.values()].sort(compareFindings)
      const last = sorted.at(-1)
      if (more === 0 || last === undefined) return sorted
      return [...sorted, { ...last, message: `${last.message} (and ${more} more findings)` }]
    },
  }
}

/** Messages quote what somebody wrote; control characters of theirs must not reach a terminal. */
function printable(message: string): string {
  return message.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, character => {
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
  })
}
