import type { Ratio } from '../../slo-specs/schema/model.ts'
import type { Reader } from '../../store/client/store.ts'
import { readRetained } from '../../store/queries/oldest-rows.ts'
import type { RangePiece } from '../../store/queries/rollup-steps.ts'
import { ratioHistoryStates } from '../../store/tables/spec-revisions.ts'
import type { KnownPart } from '../budget/status.ts'
import { floorToMinuteMs } from '../budget/windows.ts'
import { countedFrom, leastKnown, readKnown, type Stretch } from './known-stretches.ts'
import type { TimeRange } from './reports.ts'

/** A stretch of time, and what ratios are summed from within it. */
export interface RatioStretch {
  readonly fromMs: number
  readonly piecesOf: (range: TimeRange) => readonly RangePiece[]
}

/**
 * How much of each stretch is known of each ratio (`readKnown`): as much as of the side of which less is known.
 * @param stretches which all end at `atMs`.
 * @returns for a ratio one for each stretch, in their order.
 */
export async function readKnownRatios(
  reader: Reader,
  ratios: readonly Ratio[],
  stretches: readonly RatioStretch[],
  atMs: number,
): Promise<(ratio: Ratio) => readonly KnownPart[]> {
  const retained = await readRetained(reader, 'ratio')
  const countedFromMs = countedFrom(await reader.query(ratioHistoryStates, {}))
  const untilMs = floorToMinuteMs(atMs)
  const ranges = stretches.map(({ fromMs, piecesOf }) => {
    const range = { fromMs, toMs: untilMs }
    return { ...range, kept: retained.keptOf(piecesOf(range)) }
  })
  const sidesOf = (ratio: Ratio): Stretch[][] =>
    ranges.map(range =>
      [ratio.numerator, ratio.denominator].map(({ signal }) => ({
        ...range,
        signal,
        countedFromMs: countedFromMs(ratio),
      })),
    )
  const sides = new Map(ratios.map(ratio => [ratio.name, sidesOf(ratio)]))
  const knownOf = await readKnown(reader, [...sides.values()].flat(2), atMs)
  return ({ name }) =>
    (sides.get(name) ?? []).map(each => {
      const { coverage, data } = leastKnown(each.map(knownOf))
      return { coverage, data }
    })
}
