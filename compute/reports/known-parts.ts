import type { Slo } from '../../slo-specs/schema/model.ts'
import type { Reader } from '../../store/client/store.ts'
import { type Retained, readRetained } from '../../store/queries/oldest-rows.ts'
import { cutRange, type RangePiece } from '../../store/queries/rollup-steps.ts'
import { historyStates } from '../../store/tables/spec-revisions.ts'
import { countedSlos } from '../budget/composite.ts'
import { floorToMinuteMs, type SloPeriod } from '../budget/windows.ts'
import { countedFrom, type Known, leastKnown, readKnown, type Stretch } from './known-stretches.ts'
import type { TimeRange } from './reports.ts'

export interface KnownParts {
  readonly known: (slo: Slo) => Known
  /** Where what is left of an SLO, or of a member, begins; 0 when nothing has gone. */
  readonly keptFromMs: (slo: Slo) => number
}

interface Counted extends Stretch {
  readonly name: string
}

export interface KnownPartsOptions {
  /** What events are summed from within a range; days where there are any by default. */
  readonly piecesOf?: (range: TimeRange) => readonly RangePiece[]
  /** Where it was read already. */
  readonly retained?: Retained
}

/**
 * How much of the period of each SLO is known (`readKnown`). A revision is counted for as far back as raw events are kept when it comes into force.
 * @param periodOf the period of an SLO, which ends at `atMs`. A composite is known as far as the least known of its members.
 */
export async function readKnownParts(
  reader: Reader,
  slos: readonly Slo[],
  periodOf: (slo: Slo) => Pick<SloPeriod, 'lookBackSeconds'>,
  atMs: number,
  options: KnownPartsOptions = {},
): Promise<KnownParts> {
  const { piecesOf = ({ fromMs, toMs }) => cutRange(fromMs, toMs, 'day') } = options
  const untilMs = floorToMinuteMs(atMs)
  const retained = options.retained ?? (await readRetained(reader, 'slo'))
  const countedFromMs = countedFrom(await reader.query(historyStates, {}))
  const stretchesOf = (slo: Slo): Counted[] => {
    const range = { fromMs: untilMs - periodOf(slo).lookBackSeconds * 1000, toMs: untilMs }
    const pieces = piecesOf(range)
    return countedSlos(slo).map(counted => ({
      ...{ ...range, name: counted.name, signal: counted.indicator.signal },
      // What is counted elsewhere covers only the minutes that it was asked for.
      countedFromMs: counted.indicator.kind === 'ratio' ? countedFromMs(counted) : 0,
      // Slices are made of minutes.
      kept: retained.keptOf(counted.timeSlices === undefined ? pieces : [{ resolution: 'minute', ...range }]),
    }))
  }
  const stretches = new Map(slos.map(slo => [slo.name, stretchesOf(slo)]))
  const each = [...stretches.values()].flat()
  const knownOf = await readKnown(reader, each, atMs)
  const keptFrom = new Map<string, number>()
  for (const stretch of each)
    keptFrom.set(stretch.name, Math.max(keptFrom.get(stretch.name) ?? 0, knownOf(stretch).keptFromMs))
  return {
    known: ({ name }) => leastKnown((stretches.get(name) ?? []).map(knownOf)),
    keptFromMs: ({ name }) => keptFrom.get(name) ?? 0,
  }
}
