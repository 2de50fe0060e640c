import type { IncomingHttpHeaders } from 'node:http'
import type { z } from 'zod'

/** The call behind a request, for work that takes long. */
export interface Call {
  /** Aborted when whoever asked is gone. */
  readonly signal: AbortSignal
  /** How much is done, from 0 to 1; told to who asked for it, see `isLong`. */
  progress(share: number): void
  /** The request as it came, for an endpoint that `takes` other than JSON of ours. */
  readonly sent: { readonly headers: IncomingHttpHeaders; readonly body: Uint8Array; readonly remoteAddress: string }
}

/** A reply as a file of another type than JSON. */
export interface ReplyForm {
  readonly contentType: string
  /** Under which a browser saves it. */
  fileName(reply: unknown): string
  /** @param reply as it goes out as JSON. */
  make(reply: unknown): Promise<Uint8Array>
}

/** One operation of the API as a value: routes, checks and the OpenAPI document are made from it. */
export interface Endpoint<
  P extends z.ZodType = z.ZodType,
  Q extends z.ZodType = z.ZodType,
  R extends z.ZodType = z.ZodType,
  B extends z.ZodType = z.ZodType,
> {
  readonly method: 'get' | 'post' | 'put'
  /** Below /api/v1, with `{name}` for parameters. */
  readonly path: string
  readonly summary: string
  readonly params: P
  readonly query: Q
  /** JSON that has to be sent; absent where none is. */
  readonly body?: B
  /** Media types that are read from the request as it came, and what they hold. */
  readonly takes?: Readonly<Record<string, z.ZodType>>
  readonly reply: R
  /**
   * Takes long: who accepts `application/x-ndjson` gets lines, `{"progress": 0.4}` as often as there is something to tell and at last
   * `{"reply": …}` or `{"problem": …}`.
   */
  readonly isLong?: true
  /** By the values of the query parameter `format` that ask for them. */
  readonly forms?: Readonly<Record<string, ReplyForm>>
  /** Fetches, derives and presents; undefined means that what the path names does not exist. */
  answer(params: z.output<P>, query: z.output<Q>, body: z.output<B>, call: Call): Promise<unknown>
}

/** Keeps an endpoint's own types for its `answer` while a list of endpoints forgets them. */
export function endpoint<P extends z.ZodType, Q extends z.ZodType, R extends z.ZodType, B extends z.ZodType>(
  definition: Endpoint<P, Q, R, B>,
): Endpoint {
  return definition as unknown as Endpoint
}
