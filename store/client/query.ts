import type { z } from 'zod'
import type { Query, Table } from './store.ts'

/** A read as a value; `row` turns what the engine returns into what callers use. */
export function defineQuery<P extends z.ZodType, R extends z.ZodType>(query: Query<P, R>): Query<P, R> {
  return query
}

export function defineTable<R extends z.ZodType>(table: Table<R>): Table<R> {
  return table
}
