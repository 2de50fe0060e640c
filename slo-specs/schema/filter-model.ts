/** What is asked of events, in the words of the specs. */

export type Signal = 'traces' | 'logs' | 'metrics' | 'synthetics' | 'events' | 'costs'

/** Where in somebody's file a thing was written; line and column are 1-based. */
export interface SourcePosition {
  readonly file: string
  readonly line: number
  readonly column: number
}

/**
 * A typed filter over events. `text` is the CEL as written. A missing attribute makes the comparison false, not an error.
 * Attribute names are data: they become SQL parameters, never SQL text.
 */
export type FilterExpression =
  | { readonly op: 'literal'; readonly value: FilterValue }
  | { readonly op: 'not'; readonly operand: FilterExpression }
  | { readonly op: 'and' | 'or'; readonly operands: readonly FilterExpression[] }
  | {
      readonly op: 'compare'
      readonly comparison: '==' | '!=' | '<' | '<=' | '>' | '>='
      readonly field: FieldReference
      readonly value: FilterValue
    }
  | { readonly op: 'in'; readonly field: FieldReference; readonly values: readonly FilterValue[] }
  | {
      readonly op: 'text'
      readonly function: 'startsWith' | 'endsWith' | 'contains' | 'matches'
      readonly field: FieldReference
      readonly value: string
    }
  | { readonly op: 'has'; readonly field: FieldReference }

export type FilterValue =
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'number'; readonly value: number }
  | { readonly type: 'boolean'; readonly value: boolean }
  /** Nanoseconds. */
  | { readonly type: 'duration'; readonly value: bigint }

/**
 * What a name in a filter means. `any`: resource attribute if it is a resource-level convention (`service.name`, `k8s.*`, `cloud.*`, …)
 * or, when absent there, the event's own attribute; `resource` and `attribute` are explicit (`resource["x"]`, `attributes["x"]`).
 */
export type FieldReference =
  | {
      readonly scope: 'intrinsic'
      readonly name: 'name' | 'kind' | 'status' | 'duration' | 'severity' | 'body' | 'synthetic' | 'value'
    }
  | { readonly scope: 'any' | 'resource' | 'attribute'; readonly name: string }

export interface Filter {
  readonly text: string
  readonly expression: FilterExpression
  /** Where it was written; absent when it was made of something else. */
  readonly position?: SourcePosition
}
