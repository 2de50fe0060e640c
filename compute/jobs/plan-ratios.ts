import type { Clock } from '../../lib/clock.ts'
import { diffRatios, type RatioChange } from '../../slo-specs/schema/diff-ratios.ts'
import type { Ratio, SpecSet } from '../../slo-specs/schema/model.ts'
import type { Reader } from '../../store/client/store.ts'
import { sideTotals } from '../../store/queries/ratio-minutes.ts'
import { groupSides } from '../../store/queries/ratio-sides.ts'
import { levelsOf, type Quotient, type QuotientSides, quotientOfSides } from '../budget/quotient.ts'
import { floorToMinuteMs } from '../budget/windows.ts'
import { sidesOf } from './verdict-plan.ts'

/** What a changed ratio says of the last day, before and after; null where it is not there. */
export interface RatioPlan extends Pick<RatioChange, 'name' | 'kind' | 'fields'> {
  readonly before: Quotient | null
  readonly after: Quotient | null
}

const dayMs = 86_400_000

/** The ratios that a change of specs touches, both versions worked out from the raw events of the last day; nothing is written. */
export async function planRatios(
  { reader, clock }: { readonly reader: Reader; readonly clock: Clock },
  sets: { readonly before: SpecSet; readonly after: SpecSet },
  signal: AbortSignal | undefined,
): Promise<RatioPlan[]> {
  const toMs = floorToMinuteMs(clock.now())
  const changes = diffRatios(sets.before, sets.after)
  const ratios = changes.flatMap(({ before, after }) => [before, after].filter(ratio => ratio !== undefined))
  const read = await readTotals(reader, ratios, { fromMs: toMs - dayMs, toMs }, signal)
  return changes.map(({ name, kind, fields, before, after }) => ({
    name,
    kind,
    fields,
    before: before === undefined ? null : read(before),
    after: after === undefined ? null : read(after),
  }))
}

async function readTotals(
  reader: Reader,
  ratios: readonly Ratio[],
  range: { readonly fromMs: number; readonly toMs: number },
  signal: AbortSignal | undefined,
): Promise<(ratio: Ratio) => Quotient> {
  const levels = levelsOf(ratios)
  const key = (name: string, revision: string) => `${name}\0${revision}`
  // Words change no number, and layers none of the whole.
  const versions = [...new Map(ratios.map(ratio => [key(ratio.name, ratio.revision), ratio])).values()]
  const shapes = groupSides(versions.flatMap(sidesOf).map(side => ({ ...side, layerColumns: [] })))
  const sides = new Map<string, QuotientSides>()
  for (const { query, params, members } of sideTotals(shapes, range, levels))
    for (const { member, ...sums } of await reader.query(query, params, signal === undefined ? {} : { signal })) {
      const of = members[member - 1]
      if (of === undefined) continue
      const name = key(of.ratio, of.revision)
      sides.set(name, { ...sides.get(name), [of.side]: sums })
    }
  return ratio => quotientOfSides(ratio, sides.get(key(ratio.name, ratio.revision)) ?? {}, levels)
}
