import { run } from '@bufbuild/cel'

const longestPattern = 1_000

/**
 * Why a pattern cannot be used, or undefined. The CEL library's RE2 decides: RE2 matches in linear time whatever the text, which
 * the engine's own RE2 relies on too; it has no backreferences and no look-around.
 */
export function regexProblem(pattern: string): string | undefined {
  if (pattern.length > longestPattern) return `the pattern has more than ${longestPattern} characters`
  if (pattern.includes('\0')) return 'the pattern contains NUL'
  const result = run('"".matches(pattern)', { pattern })
  if (typeof result === 'boolean') return undefined
  return result instanceof Error
    ? result.message.replace(/^error parsing regexp: /, '')
    : 'the pattern cannot be compiled'
}
