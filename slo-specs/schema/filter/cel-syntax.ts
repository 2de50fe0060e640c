import { parse } from '@bufbuild/cel'
import type { FindingCode } from '../finding-codes.ts'

/** The tree that the CEL library parses an expression into (`cel.expr.Expr`). */
export type CelExpression = ReturnType<typeof parse>['expr']
export type CelCall = Extract<CelExpression['exprKind'], { case: 'callExpr' }>['value']

export interface CelTree {
  readonly root: CelExpression
  /** Where an expression stands in the text, as an offset of characters. */
  offsetOf(expression: CelExpression): number
  /** The macro (`all`, `exists`, `map`, …) that an expression was expanded from. */
  macroOf(expression: CelExpression): string | undefined
}

export type CelParse =
  | { readonly tree: CelTree }
  | { readonly problem: { readonly code: FindingCode; readonly offset: number; readonly message: string } }

/** Parses with the library; what it throws becomes a problem with its offset. */
export function parseCel(text: string): CelParse {
  try {
    // A comment at the very end needs its line to end too.
    const { expr, sourceInfo } = parse(`${text}\n`)
    return {
      tree: {
        root: expr,
        // The library's position of an operator includes the white space before it.
        offsetOf: ({ id }) => skipWhite(text, sourceInfo?.positions[String(id)] ?? 0),
        macroOf: ({ id }) => {
          const macro = sourceInfo?.macroCalls[String(id)]?.exprKind
          return macro?.case === 'callExpr' ? macro.value.function : undefined
        },
      },
    }
  } catch (error) {
    const code = 'SPEC_FILTER_SYNTAX'
    if (error instanceof RangeError) return { problem: { code, offset: 0, message: 'the expression nests too deeply' } }
    if (!(error instanceof Error)) throw error
    const extension = extensionIn(text)
    if (extension !== undefined) return { problem: extension }
    return { problem: { code, offset: Math.min(offsetOfError(error), text.length), message: shortened(error) } }
  }
}

/** What some CEL implementations have beside the language itself, and this parser does not. */
const extensions = [
  [/`/, 'a name in backquotes is not supported in filters: write attributes["…"]'],
  [/[.[{,(]\s*\?/, 'the optional syntax (?) is not supported in filters'],
] as const

function extensionIn(text: string) {
  const withoutTexts = text.replace(/"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|\/\/.*/g, part => ' '.repeat(part.length))
  for (const [pattern, message] of extensions) {
    const offset = withoutTexts.search(pattern)
    if (offset >= 0) return { code: 'SPEC_FILTER_UNSUPPORTED', offset, message } as const
  }
  return undefined
}

function skipWhite(text: string, offset: number): number {
  return offset + (/^\s*/.exec(text.slice(offset))?.[0].length ?? 0)
}

function offsetOfError(error: Error): number {
  const location: unknown = 'location' in error ? error.location : undefined
  if (typeof location !== 'object' || location === null || !('start' in location)) return 0
  const { start } = location
  if (typeof start !== 'object' || start === null || !('offset' in start)) return 0
  return typeof start.offset === 'number' ? start.offset : 0
}

/** The parser lists everything that it would have taken; a person needs what it found. */
function shortened(error: Error): string {
  const raw = 'rawMessage' in error && typeof error.rawMessage === 'string' ? error.rawMessage : error.message
  const [found = raw, expected] = raw.split(' but expecting ')
  if (expected === undefined) return found
  return expected.length > 40 ? `${found} where a value is expected` : `${found} where ${expected} is expected`
}
