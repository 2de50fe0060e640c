import { getConformanceSuite, type IncrementalTestSuite } from '@bufbuild/cel-spec/testdata/tests.js'

/** One of the CEL project's own conformance cases, with what it says the expression is. */
export interface CelCase {
  readonly name: string
  readonly text: string
  /** `other`: a value that is no boolean, so that the expression is no condition. */
  readonly expected: boolean | 'error' | 'other'
  /** What names are bound to, as attributes store it; undefined when one is bound to no plain value. */
  readonly attributes: Readonly<Record<string, string>> | undefined
  /** Names are resolved in a package of message types, which events do not have. */
  readonly hasContainer: boolean
}

export function celCases(): CelCase[] {
  return casesOf(getConformanceSuite(), '')
}

function casesOf(suite: IncrementalTestSuite, above: string): CelCase[] {
  const path = `${above}${suite.name}/`
  return [
    ...suite.tests.map(({ name, original }) => ({
      name: `${path}${name}`,
      text: original.expr,
      expected: expectedOf(original.resultMatcher),
      attributes: attributesOf(original.bindings),
      hasContainer: original.container !== '',
    })),
    ...suite.suites.flatMap(inner => casesOf(inner, path)),
  ]
}

type Original = IncrementalTestSuite['tests'][number]['original']

function expectedOf(matcher: Original['resultMatcher']): CelCase['expected'] {
  // A case that says nothing expects true.
  if (matcher.case === undefined) return true
  if (matcher.case === 'evalError' || matcher.case === 'anyEvalErrors') return 'error'
  const kind = matcher.case === 'value' ? matcher.value.kind : undefined
  return kind?.case === 'boolValue' ? kind.value : 'other'
}

function attributesOf(bindings: Original['bindings']): Record<string, string> | undefined {
  const attributes: Record<string, string> = {}
  for (const [name, { kind }] of Object.entries(bindings)) {
    const value = kind.case === 'value' ? kind.value.kind : undefined
    switch (value?.case) {
      case 'boolValue':
      case 'int64Value':
      case 'uint64Value':
      case 'doubleValue':
      case 'stringValue':
        attributes[name] = String(value.value)
        break
      default:
        return undefined
    }
  }
  return attributes
}
