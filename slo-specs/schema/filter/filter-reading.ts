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
