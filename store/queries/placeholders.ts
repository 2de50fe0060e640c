/** Types that constants of a filter have in SQL. */
export type ConstantType = 'String' | 'Float64' | 'Int64' | 'Array(String)' | 'Array(Float64)' | 'Array(Int64)'

export interface Constant {
  readonly type: ConstantType
  readonly value: unknown
}

/**
 * Collects what a filter's SQL must not contain: attribute names and patterns (which belong to its shape) and constants (which
 * may differ between SLOs of one shape). The text carries `{n0:String}` and `{c0:Float64}`; nothing else in it has braces.
 */
export class PlaceholderList {
  readonly names: string[]
  readonly constants: Constant[]

  /** Those that there are already, for a text that goes on from another one. */
  constructor(names: readonly string[] = [], constants: readonly Constant[] = []) {
    this.names = [...names]
    this.constants = [...constants]
  }

  name(text: string): string {
    const known = this.names.indexOf(text)
    return `{n${known >= 0 ? known : this.names.push(text) - 1}:String}`
  }

  constant(type: ConstantType, value: unknown): string {
    return `{c${this.constants.push({ type, value }) - 1}:${type}}`
  }
}

/** The text with every placeholder replaced by what `resolve` says for it. */
export function replacePlaceholders(
  sql: string,
  resolve: (kind: 'name' | 'constant', index: number, type: string) => string,
): string {
  return sql.replace(/\{([nc])(\d+):([^}]+)\}/g, (_, kind: string, index: string, type: string) =>
    resolve(kind === 'n' ? 'name' : 'constant', Number(index), type),
  )
}

/** Binds the placeholders as query parameters of their own, prefixed so that several filters fit into one statement. */
export function bindPlaceholders(
  sql: string,
  list: PlaceholderList,
  prefix: string,
): { readonly sql: string; readonly params: Record<string, unknown> } {
  const params: Record<string, unknown> = {}
  list.names.forEach((value, index) => {
    params[`${prefix}n${index}`] = value
  })
  list.constants.forEach(({ value }, index) => {
    params[`${prefix}c${index}`] = value
  })
  const bound = replacePlaceholders(
    sql,
    (kind, index, type) => `{${prefix}${kind === 'name' ? 'n' : 'c'}${index}:${type}}`,
  )
  return { sql: bound, params }
}
