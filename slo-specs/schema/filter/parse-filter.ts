import type { FieldReference, Filter, Signal } from '../model.ts'
import type { CelShapes } from './cel-shapes.ts'
import { type CelTree, parseCel } from './cel-syntax.ts'
import { intrinsics, missingIn, readField } from './fields.ts'
import type { FilterProblem } from './filter-reading.ts'
import { readExpression } from './read-expression.ts'

export interface ParsedFilter {
  /** Null when there are problems. */
  readonly filter: Filter | null
  readonly problems: readonly FilterProblem[]
}

const mostBytes = 20_000
const deepest = 64

/**
 * Parses a filter over events of a signal: a subset of CEL (docs/specs/language.md). An empty text lets every event pass.
 * @param shapes what is shared with filters that were parsed before; what is found out does not depend on it.
 * @returns every problem with its offset in the text; nothing is thrown for what somebody wrote.
 */
export function parseFilter(text: string, signal: Signal, shapes?: CelShapes): ParsedFilter {
  if (text.trim() === '') {
    return { filter: { text, expression: { op: 'literal', value: { type: 'boolean', value: true } } }, problems: [] }
  }
  const size = sizeProblem(text)
  if (size !== undefined) return { filter: null, problems: [size] }
  const shared = shapes?.treeOf(text)
  const quick = shared && readTree(text, shared, signal)
  if (quick !== undefined && quick.filter !== null) return quick
  const parsed = parseCel(text)
  return 'problem' in parsed ? { filter: null, problems: [parsed.problem] } : readTree(text, parsed.tree, signal)
}

function readTree(text: string, tree: CelTree, signal: Signal): ParsedFilter {
  const problems: FilterProblem[] = []
  const expression = readExpression({ tree, signal, deepest, report: problem => problems.push(problem) })
  if (expression === undefined || problems.length > 0) return { filter: null, problems }
  return { filter: { text, expression }, problems }
}

/** A field that has a number (or a duration) to compare: `duration`, `severity`, an attribute. */
export function parseField(text: string, signal: Signal): FieldReference | { readonly problem: string } {
  const field = parseAnyField(text, signal)
  if ('problem' in field) return field
  const types = field.scope === 'intrinsic' ? intrinsics[field.name].types : ['number']
  return types.includes('number') || types.includes('duration')
    ? field
    : { problem: `${text} has no number to compare` }
}

/** A field of an event, whatever its type. */
export function parseAnyField(text: string, signal: Signal): FieldReference | { readonly problem: string } {
  const size = sizeProblem(text)
  const parsed = size === undefined ? parseCel(text) : { problem: size }
  if ('problem' in parsed) return { problem: parsed.problem.message }
  const read = readField(parsed.tree.root)
  if (read.field === undefined) return { problem: read.problem }
  if (read.field === null) return { problem: 'name one field of an event, e.g. duration' }
  const missing = missingIn(read.field, signal)
  return missing === undefined ? read.field : { problem: missing }
}

/** Refuses before parsing what would cost the parser more than any honest filter does. */
function sizeProblem(text: string): FilterProblem | undefined {
  const code = 'SPEC_FILTER_TOO_LARGE'
  if (Buffer.byteLength(text) > mostBytes)
    return { code, offset: 0, message: `the filter is longer than ${mostBytes} bytes` }
  let level = 0
  for (let offset = 0; offset < text.length; offset++) {
    const character = text.charAt(offset)
    if ('([{'.includes(character)) level += 1
    if (')]}'.includes(character)) level -= 1
    if (level > deepest) return { code, offset, message: `brackets nest deeper than ${deepest} levels` }
  }
  return undefined
}
