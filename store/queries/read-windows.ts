import type { Reader } from '../client/store.ts'
import { coveredMinutes } from './rollup-progress.ts'
import { finalSettings, type RangePiece } from './rollup-steps.ts'
import { allShards } from './shards.ts'
import { type SloScope, windowSums } from './window-sums.ts'

export interface WindowCounts {
  readonly good: bigint
  readonly valid: bigint
}

/** A window of one length and the roll-up rows it is summed from, contiguous, the last piece ending with the running minute. */
export interface WindowRows {
  readonly windowSeconds: number
  readonly pieces: readonly RangePiece[]
}

export interface WindowReading {
  /** Counts of a revision's window; zero when nothing was counted. */
  counts(slo: string, revision: string, windowSeconds: number): WindowCounts
  /** Minutes with any event of the signal among the complete minutes of the window, ÷ its minutes. */
  coverage(signal: string, windowSeconds: number): number
}

const none: WindowCounts = { good: 0n, valid: 0n }

/** So few rows that a second thread costs more than it saves. */
const windowSettings = { ...finalSettings, max_threads: 1 } as const

/** Good and valid of each of several stretches of time, one row an SLO revision. */
async function readSums(reader: Reader, stretches: readonly (readonly RangePiece[])[], scope: SloScope) {
  const bound = windowSums(stretches, scope)
  if (bound === undefined) return []
  const rows = await reader.query(bound.query, bound.params, { settings: windowSettings })
  return rows.map(({ slo: name, revision, good, valid }) => ({
    slo: name,
    revision,
    sums: stretches.map((_, index) => ({ good: good[index] ?? 0n, valid: valid[index] ?? 0n })),
  }))
}

/** Reads windows for all SLOs (or those of `scope`), and how much of each window every signal covers. */
export async function readWindows(
  reader: Reader,
  windows: readonly WindowRows[],
  nowMs: number,
  scope: SloScope = allShards,
): Promise<WindowReading> {
  const rows = await readSums(
    reader,
    windows.map(({ pieces }) => pieces),
    scope,
  )
  const sums = new Map(rows.map(row => [`${row.slo}\0${row.revision}`, row.sums]))
  const until = Math.floor(nowMs / 60_000) * 60
  const starts = windows.map(({ windowSeconds }) => Math.max(0, until - windowSeconds))
  const covered = new Map<string, readonly number[]>()
  if (windows.length > 0) {
    const params = { starts, oldest: Math.min(...starts), until }
    for (const { signal, minutes } of await reader.query(coveredMinutes, params)) covered.set(signal, minutes)
  }
  const indexOf = (length: number) => windows.findIndex(({ windowSeconds }) => windowSeconds === length)
  return {
    counts: (name, revision, length) => sums.get(`${name}\0${revision}`)?.[indexOf(length)] ?? none,
    coverage: (signal, length) => ((covered.get(signal)?.[indexOf(length)] ?? 0) * 60) / length,
  }
}

/** Counts of every SLO revision over one stretch of time. */
export async function readTotals(
  reader: Reader,
  pieces: readonly RangePiece[],
): Promise<readonly (WindowCounts & { readonly slo: string; readonly revision: string })[]> {
  const rows = await readSums(reader, [pieces], allShards)
  return rows.map(({ slo, revision, sums: [counts] }) => ({ slo, revision, ...(counts ?? none) }))
}
