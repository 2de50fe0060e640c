import type { LayerName } from '../../slo-specs/schema/layers.ts'
import { layerColumns } from '../../slo-specs/schema/layers.ts'
import type { Slo } from '../../slo-specs/schema/model.ts'
import type { Writer } from '../../store/client/store.ts'
import { finalSettings, rollupSteps, totalMinutes } from '../../store/queries/rollup-steps.ts'
import { layerTupleColumns } from '../../store/tables/layer-tuple.ts'
import { rollupProgressTable } from '../../store/tables/rollup-progress.ts'
import { countedTuples, sliMinuteTable } from '../../store/tables/sli-minute.ts'
import type { MinuteSpan, PulledCount, PulledCounts } from '../sources/pulled-counts.ts'

type LayerTuple = Record<(typeof layerTupleColumns)[number], string>

export interface CountStore {
  /** Makes the counts those of the covered minutes, whatever was stored of them before, and their hours and days up to `end`. */
  put(slo: Slo, span: MinuteSpan, pulled: PulledCounts, end: number): Promise<void>
  /** The hours (and the days they lie in) of a revision, from its minutes. Only whole ones that are over at `end`, seconds. */
  makeSteps(slo: Slo, hours: readonly number[], end: number): Promise<void>
}

/** Writes counts that come from elsewhere into the roll-ups, in which windows and alerts find them as they find those of events. */
export function createCountStore(options: { readonly writer: Writer; readonly nextVersion: () => bigint }): CountStore {
  const { writer, nextVersion } = options
  const scopeOf = ({ name, revision }: Slo) => ({ slos: [name], revisions: [revision] })
  const daySeconds = 86_400

  const makeSteps: CountStore['makeSteps'] = async (slo, hours, end) => {
    const whole = [...new Set(hours)].filter(hour => hour + 3600 <= end)
    if (whole.length === 0) return
    const days = [...new Set(whole.map(hour => hour - (hour % daySeconds)))].filter(day => day + daySeconds <= end)
    const statements = [
      ...rollupSteps('hour', whole, nextVersion(), scopeOf(slo)),
      ...(days.length === 0 ? [] : rollupSteps('day', days, nextVersion(), scopeOf(slo))),
    ]
    for (const { statement, params } of statements) await writer.execute(statement, params, { settings: finalSettings })
  }

  const put: CountStore['put'] = async (slo, span, { covered, counts }, end) => {
    if (covered.length === 0) return
    const version = nextVersion()
    const known = new Map(counts.map(count => [keyOf(count.minute, tupleOf(slo, count)), count]))
    const rows = counts.map(count => rowOf(slo, count, tupleOf(slo, count), version))
    const isCovered = new Set(covered)
    const key = { slo: slo.name, revision: slo.revision }
    // What the source no longer tells of a minute that it answers for counts nothing.
    for (const { minute, tuple } of await writer.query(countedTuples, { ...key, ...span }))
      if (isCovered.has(minute) && !known.has(keyOf(minute, tuple)))
        rows.push(rowOf(slo, { minute, good: 0n, valid: 0n }, tuple, version))
    await writer.insert(sliMinuteTable, rows)
    const { statement, params } = totalMinutes(covered, version, scopeOf(slo))
    await writer.execute(statement, params, { settings: finalSettings })
    await makeSteps(
      slo,
      covered.map(minute => minute - (minute % 3600)),
      end,
    )
    const { signal } = slo.indicator
    await writer.insert(
      rollupProgressTable,
      covered.map(minute => {
        const row = { Step: 'minute', Signal: signal, Start: minute, Rows: 1n, Settled: 1, Version: version } as const
        return { ...row, LastShard: 0, Shard: 0 }
      }),
    )
  }

  return { put, makeSteps }
}

/** The values of the layers that the SLO keeps, in the order of the roll-ups' columns. */
function tupleOf({ layers }: Slo, count: PulledCount): string[] {
  const values = new Map(layers.map((layer: LayerName) => [layerColumns[layer], count.layers[layer] ?? '']))
  return layerTupleColumns.map(column => values.get(column) ?? '')
}

const keyOf = (minute: number, tuple: readonly string[]) => JSON.stringify([minute, tuple])

function rowOf(
  { name, revision }: Slo,
  { minute, good, valid }: Pick<PulledCount, 'minute' | 'good' | 'valid'>,
  tuple: readonly string[],
  version: bigint,
) {
  const layers = Object.fromEntries(
    layerTupleColumns.map((column, index) => [column, tuple[index] ?? '']),
  ) as LayerTuple
  return { Slo: name, Revision: revision, Minute: minute, ...layers, Good: good, Valid: valid, Version: version }
}
