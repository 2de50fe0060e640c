import { z } from 'zod'
import type { Statement } from '../client/store.ts'
import { layerTupleColumns } from '../tables/layer-tuple.ts'

/** Whole minutes to compute: all of `[fromMs, toMs)`, or only those listed (seconds since the epoch) within it. */
export interface MinuteSelection {
  readonly fromMs: number
  readonly toMs: number
  readonly minutes?: readonly number[]
}

const anyParams = z.record(z.string(), z.unknown())

/** A statement made for its parameters; both are handed to the store together. */
export interface BoundStatement {
  readonly statement: Statement<typeof anyParams>
  readonly params: Record<string, unknown>
}

export const layeredInsert = `INSERT INTO sli_minute (Slo, Revision, Minute, ${layerTupleColumns.join(', ')}, Good, Valid, Version)`

export const rawColumn = (layer: string) => (layer === 'Service' ? 'ServiceName' : layer)

/** Layers kept apart are read from the event; the tuple is grouped by its hash: one 64-bit key groups thrice as fast as ten texts. */
export function layerSql(kept: readonly string[]) {
  const columns = layerTupleColumns.filter(layer => kept.includes(layer))
  return {
    kept: columns,
    hash: columns.length === 0 ? '0' : `cityHash64(${columns.map(rawColumn).join(', ')})`,
    carried: columns.map(layer => `, ${rawColumn(layer)} AS Raw${layer}`).join(''),
    /** All events of a group have the same tuple; any of them tells it. */
    tuple: (column: (layer: string) => string) =>
      columns.map(layer => `, any(${column(layer)}) AS Any${layer}`).join(''),
    stored: layerTupleColumns.map(layer => (columns.includes(layer) ? `Any${layer}` : "''")).join(', '),
  }
}
