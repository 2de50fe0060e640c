import type { z } from 'zod'
import type { Cluster } from './cluster.ts'

/** A named read: SQL with typed parameters (`{name: Type}`), never user text, and the shape of its rows. */
export interface Query<P extends z.ZodType, R extends z.ZodType> {
  readonly name: string
  readonly sql: string
  readonly params: P
  readonly row: R
}

/** A named statement without rows: DDL, `INSERT … SELECT`, `ALTER`. */
export interface Statement<P extends z.ZodType> {
  readonly name: string
  readonly sql: string
  readonly params: P
}

/** A table that rows are inserted into from JavaScript; `row` is what one insert takes, keys equal column names. */
export interface Table<R extends z.ZodType> {
  readonly name: string
  readonly row: R
}

export interface QueryOptions {
  readonly signal?: AbortSignal
  /** Engine settings for this query, e.g. `max_execution_time`. */
  readonly settings?: Readonly<Record<string, string | number>>
}

export interface Reader {
  /** All rows, each parsed with `query.row`. UInt64 and Int64 arrive as strings from the engine; schemas turn them into bigint. */
  query<P extends z.ZodType, R extends z.ZodType>(
    query: Query<P, R>,
    params: z.input<P>,
    options?: QueryOptions,
  ): Promise<z.output<R>[]>
}

export interface Writer extends Reader {
  execute<P extends z.ZodType>(statement: Statement<P>, params: z.input<P>, options?: QueryOptions): Promise<void>
  /** One insert, one block. With a token, the same token again inserts nothing. */
  insert<R extends z.ZodType>(
    table: Table<R>,
    rows: readonly z.input<R>[],
    options?: { deduplicationToken?: string },
  ): Promise<void>
}

export interface GuestAnswer {
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  /** Times as seconds since the epoch, integers of 64 bits as text. */
  readonly rows: readonly (readonly unknown[])[]
}

/** For SQL that people write into specs: one SELECT over the tables of the store's database, within bounds, and nothing else. */
export interface GuestReader {
  /** @throws SOURCE_REFUSED (not allowed, or wrong), SOURCE_TOO_LARGE (beyond the bounds of rows, time or memory), STORE_…. */
  select(
    sql: string,
    params: Readonly<Record<string, unknown>> | object,
    options?: { readonly signal?: AbortSignal },
  ): Promise<GuestAnswer>
}

/** An `INSERT … SELECT` whose source is a staged file of length-delimited protobuf records. */
export interface PayloadInsert {
  readonly name: string
  readonly table: string
  /** `INSERT INTO table (columns)`. */
  readonly into: string
  /** The `SELECT`, with the placeholder `{source}`, which the store replaces by `file(…)` (embedded) or `input(…)` (remote). */
  readonly select: string
  /** Structure of the source, in ClickHouse's notation. */
  readonly structure: string
  readonly messageName: string
  readonly protobufSchema: string
}

export interface PayloadWriter {
  /** Whether the engine runs in this process, so that a payload that ends the one ends the other. */
  readonly inProcess: boolean
  /**
   * Makes rows of the staged file in one block with this deduplication token; the same token again inserts nothing.
   * @throws STORE_QUERY_FAILED (not retryable: the payload is at fault) or STORE_UNAVAILABLE / DISK_FULL (retryable).
   */
  insertPayloads(insert: PayloadInsert, stagedFile: string, deduplicationToken: string): Promise<void>
  /** Works the rows out and throws them away: fails exactly where `insertPayloads` would because of the payload. */
  checkPayloads(insert: PayloadInsert, stagedFile: string): Promise<void>
}

/** Reads, compute and writes each have a connection of their own: one embedded connection runs its queries one after another. */
export interface Store {
  readonly reader: Reader
  readonly guest: GuestReader
  readonly compute: Writer
  readonly writer: Writer
  readonly payloads: PayloadWriter
  readonly kind: 'embedded' | 'remote'
  /** Where the tables are when not on one server. */
  readonly cluster: Cluster | null
  /** Engine version, e.g. `26.7.2.1`. */
  readonly version: string
  ping(): Promise<void>
  close(): Promise<void>
}
