import { RE2JS, RE2JSException } from '@bufbuild/re2'

const longestPattern = 1_000
/**
 * Steps of the compiled pattern and ranges of characters in them. The engine gives up on programs of about three times as much (it
 * compiles to bytes), and what it cannot compile would fail the counting of every SLO that shares the statement.
 */
const largestProgram = 100_000

/** Scripts that Unicode has had since version 16 only: the engine does not know them. */
const youngScripts = /\\[pP]\{\^?(Garay|Gurung_Khema|Kirat_Rai|Ol_Onal|Sunuwar|Todhri|Tulu_Tigalari)\}/

/**
 * Why a pattern cannot be used, or undefined. RE2 decides: it matches in linear time whatever pattern and text, which the engine's own
 * RE2 relies on too; it has no backreferences and no look-around.
 */
export function regexProblem(pattern: string): string | undefined {
  if (pattern.length > longestPattern) return `the pattern has more than ${longestPattern} characters`
  if (pattern.includes('\0')) return 'the pattern contains NUL'
  const [, script] = youngScripts.exec(pattern) ?? []
  if (script !== undefined) return `the script ${script} is not known to the engine`
  if (/\(\?P?<[^>]*[^\p{ASCII}>]/u.test(pattern)) return 'the name of a group has plain letters only'
  try {
    const steps = RE2JS.compile(pattern).re2().prog.inst
    const size = steps.reduce((sum, { runes }) => sum + 1 + Math.ceil(runes.length / 2), 0)
    return size > largestProgram ? 'the pattern is too large once its repetitions are written out' : undefined
  } catch (error) {
    if (error instanceof RE2JSException) return error.message.replace(/^error parsing regexp: /, '')
    throw error
  }
}

/** Does the pattern match anywhere in the text? Of a pattern without a problem. */
export function matchesRegex(pattern: string, text: string): boolean {
  return RE2JS.compile(pattern).test(text)
}
