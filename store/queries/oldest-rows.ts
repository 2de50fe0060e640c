import { z } from 'zod'
import { defineQuery } from '../client/query.ts'
import type { Reader } from '../client/store.ts'
import type { RangePiece, RollupStep } from './rollup-steps.ts'

/** Partitions know their oldest time, so that no row is read. */
const oldest = (step: string, table: string) => `(SELECT toUnixTimestamp(min(${step})) FROM ${table})`
const oldestRows = defineQuery({
  name: 'oldest rows',
  sql: `SELECT ${oldest('Minute', 'slo_minute')} AS minute, ${oldest('Hour', 'slo_hour')} AS hour, ${oldest('Day', 'slo_day')} AS day`,
  params: z.object({}),
  row: z.object({ minute: z.number(), hour: z.number(), day: z.number() }),
})

const dayMs = 86_400_000

/**
 * Whether all rows that a stretch of time is summed from are still there: finer rows go long before coarser ones, and what is
 * summed without them is too little. Before the first data of all nothing is missing.
 */
export async function readRetained(reader: Reader): Promise<(pieces: readonly RangePiece[]) => boolean> {
  const [row = { minute: 0, hour: 0, day: 0 }] = await reader.query(oldestRows, {})
  const firstMs = row.day * 1000
  const startMs = (step: RollupStep) => row[step] * 1000
  // The first data have rows of every step within a day, unless finer ones have gone since.
  const isCut = (step: RollupStep) => firstMs > 0 && startMs(step) >= firstMs + dayMs
  return pieces =>
    pieces.every(
      ({ resolution, fromMs, toMs }) => !(isCut(resolution) && fromMs < startMs(resolution) && toMs > firstMs),
    )
}
