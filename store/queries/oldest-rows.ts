import { z } from 'zod'
import { defineQuery } from '../client/query.ts'
import type { Reader } from '../client/store.ts'
import type { RangePiece, RollupStep } from './rollup-steps.ts'

/** Partitions know their oldest time, so that no row is read. */
const oldest = (step: string, table: string) => `(SELECT toUnixTimestamp(min(${step})) FROM ${table})`
const oldestOf = (kind: 'slo' | 'ratio') =>
  defineQuery({
    name: `oldest rows of a ${kind}`,
    sql: `SELECT ${oldest('Minute', `${kind}_minute`)} AS minute, ${oldest('Hour', `${kind}_hour`)} AS hour, ${oldest('Day', `${kind}_day`)} AS day`,
    params: z.object({}),
    row: z.object({ minute: z.number(), hour: z.number(), day: z.number() }),
  })
const oldestRows = { slo: oldestOf('slo'), ratio: oldestOf('ratio') }

const dayMs = 86_400_000

interface Stretch {
  readonly fromMs: number
  readonly toMs: number
}

/** Which rows that stretches of time are summed from are still there: finer ones go long before coarser ones. */
export interface Retained {
  /** From here on all rows of a resolution are there; 0 when none have gone. */
  fromMs(resolution: RollupStep): number
  /** What is left of contiguous pieces, oldest first, adjoining ones as one. */
  keptOf(pieces: readonly RangePiece[]): readonly Stretch[]
  /** Whether nothing is missing; what is summed without missing rows is too little. */
  isWhole(pieces: readonly RangePiece[]): boolean
}

/** Before the first data of all nothing is missing. @param kind whose rows. */
export async function readRetained(reader: Reader, kind: keyof typeof oldestRows): Promise<Retained> {
  const [row = { minute: 0, hour: 0, day: 0 }] = await reader.query(oldestRows[kind], {})
  const firstMs = row.day * 1000
  const fromMs = (step: RollupStep) => {
    const startMs = row[step] * 1000
    // The first data have rows of every step within a day, unless finer ones have gone since.
    return firstMs > 0 && startMs >= firstMs + dayMs ? startMs : 0
  }
  const keptFrom = (piece: RangePiece) =>
    piece.toMs <= firstMs ? piece.fromMs : Math.max(piece.fromMs, fromMs(piece.resolution))
  return {
    fromMs,
    keptOf: pieces => {
      const kept: { fromMs: number; toMs: number }[] = []
      for (const piece of pieces) {
        const from = keptFrom(piece)
        if (from >= piece.toMs) continue
        const last = kept.at(-1)
        if (last?.toMs === from) last.toMs = piece.toMs
        else kept.push({ fromMs: from, toMs: piece.toMs })
      }
      return kept
    },
    isWhole: pieces => pieces.every(piece => keptFrom(piece) === piece.fromMs),
  }
}
