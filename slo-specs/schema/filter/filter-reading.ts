import type { FindingCode } from '../finding-codes.ts'
import type { Signal } from '../model.ts'
import type { CelExpression, CelTree } from './cel-syntax.ts'

export interface FilterProblem {
  readonly code: FindingCode
  /** Characters from the beginning of the filter's text. */
  readonly offset: number
  readonly message: string
}

/** What the reading of one filter needs at every step. */
export interface FilterReading {
  readonly tree: CelTree
  readonly signal: Signal
  readonly deepest: number
  readonly report: (problem: FilterProblem) => void
}

/** Reports why an expression means no filter; reading goes on with the others. */
export function refuse(
  expression: CelExpression,
  reading: FilterReading,
  code: FilterProblem['code'],
  message: string,
): undefined {
  reading.report({ code, offset: reading.tree.offsetOf(expression), message })
}

export function unsupported(expression: CelExpression, reading: FilterReading, what: string): undefined {
  return refuse(expression, reading, 'SPEC_FILTER_UNSUPPORTED', `${what} is not supported in filters`)
}

const operatorNames: Readonly<Record<string, string>> = {
  '_?_:_': 'the conditional ?:',
  '_+_': 'arithmetic (+)',
  '_-_': 'arithmetic (-)',
  '_*_': 'arithmetic (*)',
  '_/_': 'arithmetic (/)',
  '_%_': 'arithmetic (%)',
  '-_': 'arithmetic (-)',
  '_[_]': 'the index [ ]',
}

/** What CEL calls something that filters do not have. */
export function construct(expression: CelExpression, tree: CelTree): string {
  const { exprKind } = expression
  switch (exprKind.case) {
    case 'callExpr':
      return operatorNames[exprKind.value.function] ?? `the function ${exprKind.value.function}`
    case 'comprehensionExpr':
      return `the macro ${tree.macroOf(expression) ?? 'of a list'}`
    case 'structExpr':
      return 'a map or message literal'
    case 'listExpr':
      return 'a list here'
    case 'selectExpr':
      return 'a field of something that is not a name'
    default:
      return 'this expression'
  }
}

/** Is it something that a field or a constant could never be, so that its own name explains the most? */
export function isForeign({ exprKind }: CelExpression): boolean {
  return ['comprehensionExpr', 'structExpr', 'listExpr', 'callExpr'].includes(exprKind.case ?? '')
}
