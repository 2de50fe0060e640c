/** Where the store is: a directory that this process opens itself, or a ClickHouse server. */
export type StoreLocation =
  | { readonly kind: 'embedded'; readonly path: string }
  | {
      readonly kind: 'remote'
      readonly url: string
      readonly username: string
      readonly password: string
      readonly database: string
      /** Name of the cluster that the server belongs to, when the tables are to be on all of it. */
      readonly cluster?: string
      /** Who reads for people; the same user when left out, who is held to reading then by the connection alone. */
      readonly reader?: { readonly username: string; readonly password: string }
    }

/** Bounds of every statement; a query may ask for less or more through its own settings. */
export interface StoreLimits {
  /** Reads that take longer are ended: STORE_UNAVAILABLE. */
  readonly querySeconds: number
  /** A statement that needs more memory is ended: STORE_UNAVAILABLE. The engine shares the process when embedded. */
  readonly queryMemoryBytes: number
}

export const defaultStoreLimits: StoreLimits = { querySeconds: 120, queryMemoryBytes: 8_000_000_000 }
