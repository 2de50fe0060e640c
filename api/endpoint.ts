import type { z } from 'zod'

/** One operation of the API as a value: routes, checks and the OpenAPI document are made from it. */
export interface Endpoint<
  P extends z.ZodType = z.ZodType,
  Q extends z.ZodType = z.ZodType,
  R extends z.ZodType = z.ZodType,
> {
  readonly method: 'get' | 'post'
  /** Below /api/v1, with `{name}` for parameters. */
  readonly path: string
  readonly summary: string
  readonly params: P
  readonly query: Q
  readonly reply: R
  /** Fetches, derives and presents; undefined means that what the path names does not exist. */
  answer(params: z.output<P>, query: z.output<Q>): Promise<unknown>
}

/** Keeps an endpoint's own types for its `answer` while a list of endpoints forgets them. */
export function endpoint<P extends z.ZodType, Q extends z.ZodType, R extends z.ZodType>(
  definition: Endpoint<P, Q, R>,
): Endpoint {
  return definition as unknown as Endpoint
}
