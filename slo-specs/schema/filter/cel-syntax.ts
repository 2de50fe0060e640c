import { parse } from '@bufbuild/cel'

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
  | { readonly problem: { readonly offset: number; readonly message: string } }

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
    if (error instanceof RangeError) return { problem: { offset: 0, message: 'the expression nests too deeply' } }
    if (!(error instanceof Error)) throw error
    return { problem: { offset: Math.min(offsetOfError(error), text.length), message: shortened(error) } }
  }
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
