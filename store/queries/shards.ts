import { crc32 } from 'node:zlib'

/**
 * SLOs are spread over `count` shards by their name, whatever the specs say of them: shard = CRC32(name in UTF-8) mod count, the CRC of
 * zlib and of the engine's `CRC32`. `held` are those that one process works on, ascending.
 */
export interface ShardSelection {
  readonly count: number
  readonly held: readonly number[]
}

/** One process has them all. */
export const allShards: ShardSelection = { count: 1, held: [0] }

export function shardOf(slo: string, count: number): number {
  return crc32(slo) % count
}

export function holdsSlo({ count, held }: ShardSelection, slo: string): boolean {
  return held.includes(shardOf(slo, count))
}

/** A condition on a table with a column of names, to be put after another one; empty where all are meant. */
export function shardCondition({ count, held }: ShardSelection, column = 'Slo') {
  if (held.length === count) return { sql: '', params: {} }
  return { sql: ` AND CRC32(${column}) % {shards:UInt32} IN {held:Array(UInt32)}`, params: { shards: count, held } }
}
