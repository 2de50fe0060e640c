/**
 * The store's own vocabulary of a filter over events: the same shape the specs' parser produces, so that a parsed filter is
 * handed over as it is, while the store knows nothing of specs. Attribute names and values are data throughout.
 */
export type EventFilterValue =
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'number'; readonly value: number }
  | { readonly type: 'boolean'; readonly value: boolean }
  /** Nanoseconds. */
  | { readonly type: 'duration'; readonly value: bigint }

export type EventField =
  | {
      readonly scope: 'intrinsic'
      readonly name: 'name' | 'kind' | 'status' | 'duration' | 'severity' | 'body' | 'synthetic' | 'value'
    }
  | { readonly scope: 'any' | 'resource' | 'attribute'; readonly name: string }

export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>='

export type FilterOver<Field> =
  | { readonly op: 'literal'; readonly value: EventFilterValue }
  | { readonly op: 'not'; readonly operand: FilterOver<Field> }
  | { readonly op: 'and' | 'or'; readonly operands: readonly FilterOver<Field>[] }
  | {
      readonly op: 'compare'
      readonly comparison: Comparison
      readonly field: Field
      readonly value: EventFilterValue
    }
  | { readonly op: 'in'; readonly field: Field; readonly values: readonly EventFilterValue[] }
  | {
      readonly op: 'text'
      readonly function: 'startsWith' | 'endsWith' | 'contains' | 'matches'
      readonly field: Field
      readonly value: string
    }
  | { readonly op: 'has'; readonly field: Field }

export type EventFilter = FilterOver<EventField>

/** What a measurement that is known by its bucket lies above, and what it reaches at most. */
export interface BucketEnd {
  readonly scope: 'bucket'
  readonly name: 'above' | 'upTo'
}

/** A filter that may ask for the bucket of a measurement instead of its value. */
export type BucketFilter = FilterOver<EventField | BucketEnd>

/**
 * What an SLO asks of the events of one signal: good ⊆ valid ⊆ events. Exactly one of `good`, `bad` and `shareOf` is given. `isApart` (of
 * metrics): good (or bad) is another metric than total, counted by its own filter alone. `shareOf` (of metrics): the values of total's points
 * are ready-made shares of good (or bad) events.
 */
export interface Verdict {
  readonly slo: string
  readonly revision: string
  readonly signal: string
  readonly total: EventFilter
  readonly good?: EventFilter
  readonly bad?: EventFilter
  readonly isApart?: boolean
  /** What is left out of valid and good alike; absent when nothing is. */
  readonly corrections?: readonly VerdictCorrection[]
  readonly shareOf?: 'good' | 'bad'
  /** Columns of the layers that are kept apart (`Region`, `Service`, …); the others are stored empty. */
  readonly layerColumns: readonly string[]
}

/** Events of certain times that are left out: those that match the predicate, or all. */
export interface VerdictCorrection {
  /** The spans `[fromMs, toMs)` that overlap a range of time, milliseconds since the epoch. */
  within(range: { readonly fromMs: number; readonly toMs: number }): readonly {
    readonly fromMs: number
    readonly toMs: number
  }[]
  readonly predicate?: EventFilter
}
