import type { Reader } from '../client/store.ts'
import { coveredMinutes } from './rollup-progress.ts'
import { finalSettings, type RangePiece } from './rollup-steps.ts'
import { windowSums } from './window-sums.ts'

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

/** Good and valid of each of several stretches of time, by SLO and revision, one query a resolution. */
async function readSums(
  reader: Reader,
  stretches: readonly (readonly RangePiece[])[],
  slo?: string,
): Promise<ReadonlyMap<string, { readonly slo: string; readonly revision: string; readonly sums: WindowCounts[] }>> {
  const found = new Map<string, { slo: string; revision: string; sums: WindowCounts[] }>()
  for (const step of ['day', 'hour', 'minute'] as const) {
    const bound = windowSums(step, stretches, slo)
    if (bound === undefined) continue
    for (const row of await reader.query(bound.query, bound.params, { settings: windowSettings })) {
      const key = `${row.slo}\0${row.revision}`
      const known = found.get(key)?.sums
      const sums = stretches.map((_, index) => ({
        good: (known?.[index]?.good ?? 0n) + (row.good[index] ?? 0n),
        valid: (known?.[index]?.valid ?? 0n) + (row.valid[index] ?? 0n),
      }))
      found.set(key, { slo: row.slo, revision: row.revision, sums })
    }
  }
  return found
}

/** Reads windows for all SLOs (or one), and how much of each window every signal covers. */
export async function readWindows(
  reader: Reader,
  windows: readonly WindowRows[],
  nowMs: number,
  slo?: string,
): Promise<WindowReading> {
  const sums = await readSums(
    reader,
    windows.map(({ pieces }) => pieces),
    slo,
  )
  const until = Math.floor(nowMs / 60_000) * 60
  const starts = windows.map(({ windowSeconds }) => Math.max(0, until - windowSeconds))
  const covered = new Map<string, readonly number[]>()
  if (windows.length > 0) {
    const params = { starts, oldest: Math.min(...starts), until }
    for (const { signal, minutes } of await reader.query(coveredMinutes, params)) covered.set(signal, minutes)
  }
  const indexOf = (length: number) => windows.findIndex(({ windowSeconds }) => windowSeconds === length)
  return {
    counts: (name, revision, length) => sums.get(`${name}\0${revision}`)?.sums[indexOf(length)] ?? none,
    coverage: (signal, length) => ((covered.get(signal)?.[indexOf(length)] ?? 0) * 60) / length,
  }
}

/** Counts of every SLO revision over one stretch of time. */
export async function readTotals(
  reader: Reader,
  pieces: readonly RangePiece[],
): Promise<readonly (WindowCounts & { readonly slo: string; readonly revision: string })[]> {
  const sums = await readSums(reader, [pieces])
  return [...sums.values()].map(({ slo, revision, sums: [counts] }) => ({ slo, revision, ...(counts ?? none) }))
}
