import { z } from 'zod'

/** Column types as they arrive from the engine in JSONEachRow, where 64-bit integers are quoted so that none is rounded. */

/** UInt64 and Int64 → bigint. */
export const int64 = z.union([z.string().regex(/^-?\d+$/), z.number().int()]).transform(value => BigInt(value))

/** UInt64 that is known to stay below 2^53 (row counts, milliseconds) → number. */
export const safeInteger = z
  .union([z.string().regex(/^-?\d+$/), z.number()])
  .transform(Number)
  .pipe(z.number().int())

/** Float64 → number; the engine writes nan and inf as null. */
export const float64 = z.number().nullable()

export const bool = z.union([z.boolean(), z.number().transform(value => value !== 0)])

/** For inserts into DateTime64(3, 'UTC'): milliseconds since the epoch → the engine's text form. */
export const timestampColumn = z
  .number()
  .transform(milliseconds => new Date(milliseconds).toISOString().replace('T', ' ').replace('Z', ''))
