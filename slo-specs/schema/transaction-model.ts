import type { SourcePosition } from './filter-model.ts'
import type { JsonPath } from './json-path.ts'

/** Requests that are made again and again as a customer would, one after another. */
export interface SyntheticTransaction {
  readonly name: string
  readonly displayName: string
  readonly description: string
  /** The service whose promise it is about. */
  readonly service: string
  readonly everySeconds: number
  /** Of all steps together; never longer than the interval. */
  readonly timeoutSeconds: number
  readonly steps: readonly TransactionStep[]
  /** Content hash of what decides what is requested, when, and what is expected of it. */
  readonly revision: string
  readonly position: SourcePosition
}

/** Texts may hold placeholders of earlier steps' extracts: `${order}`. */
export interface TransactionStep {
  readonly name: string
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** What is taken out of the answer, by the name of the placeholder. */
  readonly extracts: readonly { readonly name: string; readonly path: JsonPath }[]
  /** Status codes that are as they should be; absent: all below 400. */
  readonly statuses?: readonly number[]
  readonly withinMs?: number
  readonly bodyContains?: string
}

const placeholder = /\$\{([a-zA-Z_]\w*)\}/g

/** Names of the placeholders in a text, as often as they occur. */
export function placeholdersOf(text: string): string[] {
  return [...text.matchAll(placeholder)].map(([, name = '']) => name)
}

/** The text with its placeholders filled in. A name without a value stays as it is written; validation has refused it. */
export function fillIn(text: string, values: ReadonlyMap<string, string>): string {
  return text.replace(placeholder, (written, name: string) => values.get(name) ?? written)
}
