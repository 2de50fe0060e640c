import type { MinuteSelection } from '../../store/queries/minute-selection.ts'

/** Minutes to compute (seconds since the epoch) with the raw rows that arrived for each. */
export interface MinuteRows {
  readonly minute: number
  readonly rows: number
}

/** Rows of a gap that are read rather than starting another statement: what a statement costs (some 20 ms) in rows read. */
const rowsAStatement = 50_000
/** Bounds a statement's parameters and the daily partitions it writes. */
const longestSelection = 10_000
const longestSpanSeconds = 20 * 86_400

/**
 * Groups minutes into selections of one scan each. Minutes in between are read as well, so that a gap is bridged only while its
 * rows, taken to be as many a minute as at its ends, cost less than another statement.
 */
export function selectMinutes(minutes: readonly MinuteRows[]): readonly MinuteSelection[] {
  const groups: MinuteRows[][] = []
  for (const next of [...minutes].sort((a, b) => a.minute - b.minute)) {
    const group = groups.at(-1)
    if (group !== undefined && belongs(group, next)) group.push(next)
    else groups.push([next])
  }
  return groups.map(group => {
    const listed = group.map(({ minute }) => minute)
    const from = listed[0] ?? 0
    const to = (listed.at(-1) ?? 0) + 60
    const range = { fromMs: from * 1000, toMs: to * 1000 }
    return (to - from) / 60 === listed.length ? range : { ...range, minutes: listed }
  })
}

function belongs(group: readonly MinuteRows[], next: MinuteRows): boolean {
  const [first] = group
  const last = group.at(-1)
  if (first === undefined || last === undefined || group.length >= longestSelection) return false
  const gap = (next.minute - last.minute) / 60 - 1
  if (next.minute - first.minute > longestSpanSeconds) return false
  return gap * Math.max(last.rows, next.rows) <= rowsAStatement
}
