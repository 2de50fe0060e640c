import type { Finding } from '../../../lib/findings.ts'
import { isName } from '../definitions.ts'
import type { Slo, SourcePosition } from '../model.ts'

/** Something that cannot be said in the other language. */
export interface ConversionNote extends SourcePosition {
  readonly message: string
}

/** A definition as plain data, in the order in which it is to be read. */
export interface PlainDefinition {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: Readonly<Record<string, unknown>>
  readonly spec: Readonly<Record<string, unknown>>
}

/** What came of a conversion: definitions, what could not be carried over, and what is wrong with the source. */
export interface Conversion {
  readonly definitions: readonly PlainDefinition[]
  readonly notes: readonly ConversionNote[]
  /** Of severity error when something could not be read; the rest was converted. */
  readonly findings: readonly Finding[]
}

/** What other kinds of ours say of an SLO, which neither OpenSLO nor Sloth has words for. */
export function otherKindsOf({ corrections, budgetPolicies, noDataTargets }: Slo): string[] {
  const kinds = [
    ...(corrections === undefined ? [] : ['its corrections']),
    ...(budgetPolicies === undefined ? [] : ['its budget policies']),
    ...(noDataTargets === undefined ? [] : ['the routes of its notifications']),
  ]
  return kinds.map(kind => `${kind} are left out`)
}

/** The name that it has, or one out of small letters, digits and hyphens; undefined when nothing is left. */
export function asName(text: string): string | undefined {
  if (isName('SLO', text)) return text
  const name = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 63)
    .replace(/^-+|-+$/g, '')
  return name === '' ? undefined : name
}
