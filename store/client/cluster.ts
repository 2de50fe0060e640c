/** A cluster of servers by its name in their `remote_servers`, and the database that the tables are in. */
export interface Cluster {
  readonly name: string
  readonly database: string
}

/**
 * Settings of every statement on a cluster.
 * - distributed_foreground_insert: an insert into a Distributed table has reached all shards when it is answered, or failed. Left to the
 *   background, it would be acknowledged from one server's disk.
 * - insert_quorum: and on each shard most replicas, so that what was acknowledged outlives a server.
 * - load_balancing, with one server as `store`: a shard is asked at the same replica for as long as that lives. Arrivals and the rows that
 *   they count are replicated apart; another replica could have the ones and not yet the others.
 * - distributed_product_mode: a subquery over a Distributed table within another is worked out once, not once a shard over its own rows.
 * - skip_unavailable_shards: a shard that is away is an error, never a smaller number.
 */
export const clusterSettings = {
  distributed_foreground_insert: 1,
  insert_quorum: 'auto',
  load_balancing: 'in_order',
  distributed_product_mode: 'global',
  skip_unavailable_shards: 0,
} as const

/** Tables of this name hold rows on each server; the plain name reads and writes all of them. */
export const localName = (table: string) => `${table}_local`

/** Backticks for the name of a cluster or a database, which configuration has held to letters, digits, `_`, `-` and `.`. */
export const quoteName = (name: string) => `\`${name}\``
