import type { Clock } from '../../lib/clock.ts'
import { type LayerName, layerColumns } from '../../slo-specs/schema/layers.ts'
import type { Ratio, SpecSet } from '../../slo-specs/schema/model.ts'
import type { Reader } from '../../store/client/store.ts'
import { type RatioReading, ratioSums } from '../../store/queries/ratio-sums.ts'
import {
  coarsestWithin,
  cutRange,
  type RangePiece,
  stepSeconds as stepSecondsOf,
} from '../../store/queries/rollup-steps.ts'
import { levelsOf, type Quotient, type QuotientSides, quotientOfSides } from '../budget/quotient.ts'
import type { KnownPart } from '../budget/status.ts'
import { floorToMinuteMs } from '../budget/windows.ts'
import { readKnownRatios } from './known-ratios.ts'
import { endOfMinuteMs, minuteRange, stepsOf } from './range.ts'
import type { HistoryRange, TimeRange } from './reports.ts'

export interface RatioWindow extends Quotient, TimeRange {
  readonly windowSeconds: number
}

export interface RatioValues {
  readonly ratio: Ratio
  /** The shortest first. */
  readonly windows: readonly RatioWindow[]
}

export interface RatioStatus extends RatioValues {
  readonly windows: readonly (RatioWindow & KnownPart)[]
}

export interface RatioPoint extends Quotient {
  readonly atMs: number
}

export interface RatioLayerRow extends Quotient {
  readonly layerValue: string
}

/** What api, cli and metrics ask of ratios. They are named as in the specs in force; of an unknown one, lists are empty. */
export interface RatioReports {
  ratios(): readonly Ratio[]
  /** Over the last hour, day and 30 days, in the order of the specs. */
  values(): Promise<readonly RatioValues[]>
  /** The values, and which part of each window they are of. */
  list(): Promise<readonly RatioStatus[]>
  status(name: string): Promise<RatioStatus | undefined>
  /** Which part of a range is on record, in rows as fine as a step where one is told; undefined for an unknown ratio. */
  known(name: string, range: TimeRange, stepSeconds?: number): Promise<KnownPart | undefined>
  /** One point a step, aligned to the step in UTC. */
  history(name: string, range: HistoryRange): Promise<readonly RatioPoint[]>
  /** One row a value of the layer, the greatest denominator first. */
  layers(name: string, by: LayerName, range: TimeRange): Promise<readonly RatioLayerRow[]>
}

/** The stretches that a ratio's value is shown over, seconds; each ends with the running minute, as rolling windows do. */
export const ratioWindowSeconds = [3600, 86_400, 30 * 86_400] as const

/** More rows than this are no table. */
const mostRows = 500

const nothingKnown: KnownPart = { coverage: 0, data: null }

const windowStartMs = (windowSeconds: number, nowMs: number) => floorToMinuteMs(nowMs) - windowSeconds * 1000
const inDays = ({ fromMs, toMs }: TimeRange) => cutRange(fromMs, toMs, 'day')

interface Options {
  readonly reader: Reader
  readonly specs: () => SpecSet
  readonly clock: Clock
}

export function createRatioReports({ reader, specs, clock }: Options): RatioReports {
  const find = (name: string) => specs().ratios.find(ratio => ratio.name === name)

  const valuesOf = async (ratios: readonly Ratio[], nowMs: number): Promise<RatioValues[]> => {
    const read = await Promise.all(
      ratioWindowSeconds.map(async windowSeconds => {
        const range = { windowSeconds, fromMs: windowStartMs(windowSeconds, nowMs), toMs: nowMs }
        const pieces = inDays({ ...range, toMs: endOfMinuteMs(nowMs) })
        return { range, sides: await readSides(reader, ratios, pieces, {}) }
      }),
    )
    return ratios.map(ratio => ({
      ratio,
      windows: read.map(({ range, sides }) => ({ ...range, ...sides.quotient(ratio) })),
    }))
  }

  const statusesOf = async (ratios: readonly Ratio[]): Promise<RatioStatus[]> => {
    const nowMs = clock.now()
    const stretches = ratioWindowSeconds.map(seconds => ({ fromMs: windowStartMs(seconds, nowMs), piecesOf: inDays }))
    const known = await readKnownRatios(reader, ratios, stretches, nowMs)
    return (await valuesOf(ratios, nowMs)).map(({ ratio, windows }) => {
      const parts = known(ratio)
      return { ratio, windows: windows.map((window, index) => ({ ...window, ...(parts[index] ?? nothingKnown) })) }
    })
  }

  return {
    ratios: () => specs().ratios,
    values: () => valuesOf(specs().ratios, clock.now()),
    list: () => statusesOf(specs().ratios),
    status: async name => {
      const ratio = find(name)
      return ratio === undefined ? undefined : (await statusesOf([ratio]))[0]
    },
    known: async (name, range, stepSeconds = stepSecondsOf.day) => {
      const ratio = find(name)
      if (ratio === undefined) return undefined
      const nowMs = clock.now()
      const { fromMs, toMs } = minuteRange(range, nowMs)
      const piecesOf = (within: TimeRange) => cutRange(within.fromMs, within.toMs, coarsestWithin(stepSeconds))
      const known = await readKnownRatios(
        reader,
        [ratio],
        [{ fromMs, piecesOf }],
        Math.max(fromMs, Math.min(toMs, nowMs)),
      )
      return known(ratio)[0]
    },
    history: async (name, range) => {
      const ratio = find(name)
      const nowMs = clock.now()
      const steps = stepsOf(range, nowMs)
      const [firstMs] = steps
      if (ratio === undefined || firstMs === undefined) return []
      const { stepSeconds } = range
      const endMs = Math.min((steps.at(-1) ?? firstMs) + stepSeconds * 1000, endOfMinuteMs(nowMs))
      const pieces = cutRange(firstMs, endMs, coarsestWithin(stepSeconds))
      const read = await readSides(reader, [ratio], pieces, { buckets: { stepSeconds, offset: 0 } })
      return steps.map(atMs => ({ atMs, ...read.quotient(ratio, '', atMs / 1000) }))
    },
    layers: async (name, by, range) => {
      const ratio = find(name)
      if (ratio === undefined) return []
      const { fromMs, toMs } = minuteRange(range, clock.now())
      const read = await readSides(reader, [ratio], inDays({ fromMs, toMs }), { by: layerColumns[by] })
      return read.values
        .map(layerValue => ({ layerValue, ...read.quotient(ratio, layerValue) }))
        .sort((a, b) => greatest(a, b) || (a.layerValue < b.layerValue ? -1 : 1))
        .slice(0, mostRows)
    },
  }
}

async function readSides(
  reader: Reader,
  ratios: readonly Ratio[],
  pieces: readonly RangePiece[],
  by: Pick<RatioReading, 'by' | 'buckets'>,
) {
  const levels = levelsOf(ratios)
  const keys = ratios.map(({ name, revision }) => ({ ratio: name, revision }))
  const rows = await ratioSums(reader, keys, pieces, { ...by, levels })
  const sides = new Map<string, QuotientSides>()
  const keyOf = (ratio: string, value: string, at: number) => JSON.stringify([ratio, value, at])
  for (const row of rows) {
    const key = keyOf(row.ratio, row.value, row.at)
    sides.set(key, { ...sides.get(key), [row.side]: row })
  }
  return {
    values: [...new Set(rows.map(({ value }) => value))],
    /** @param value of the layer. @param at of the bucket, seconds since the epoch. */
    quotient: (ratio: Ratio, value = '', at = 0): Quotient =>
      quotientOfSides(ratio, sides.get(keyOf(ratio.name, value, at)) ?? {}, levels),
  }
}

/** The greatest denominator first; without one last. */
function greatest(a: Quotient, b: Quotient): number {
  return Number(b.denominator ?? Number.NEGATIVE_INFINITY) - Number(a.denominator ?? Number.NEGATIVE_INFINITY) || 0
}
