import type { Slo } from '../../slo-specs/schema/model.ts'
import type { Reader } from '../../store/client/store.ts'
import { minuteCounts } from '../../store/queries/minute-counts.ts'
import { countMinutes } from '../../store/queries/rollup-minutes.ts'
import { arrivedMinutes } from '../../store/queries/rollup-progress.ts'
import { type MinuteCount, type MinuteSeries, minuteSeries } from '../budget/minute-series.ts'
import type { ReplayData } from './replay-slo.ts'
import { planVerdicts } from './verdict-plan.ts'

export interface PastRange {
  readonly fromMs: number
  readonly toMs: number
}

/** An SLO whose past is wanted; `isStored` says that the roll-ups of its revision are kept. */
export interface PastWanted {
  readonly slo: Slo
  readonly isStored: boolean
}

/** Reads the past of SLOs, several at a time. */
export interface PastReader {
  /** In the order of what is wanted. Of revisions that are not stored, raw events are counted now. */
  read(wanted: readonly PastWanted[]): Promise<readonly ReplayData[]>
  /** The first minute of the range in which anything of a signal arrived; null without any. */
  firstDataMs(signal: string): Promise<number | null>
}

const key = (slo: string, revision: string) => `${slo}\0${revision}`

/** @param range whole minutes; what lies before raw events begin is empty. */
export function createPastReader(reader: Reader, range: PastRange): PastReader {
  const seconds = { from: range.fromMs / 1000, to: range.toMs / 1000 }
  const received = new Map<string, Promise<{ series: MinuteSeries; firstMs: number | null }>>()

  const receivedOf = (signal: string) => {
    const known = received.get(signal)
    if (known !== undefined) return known
    const reading = reader.query(arrivedMinutes, { signals: [signal], ...seconds }).then(rows => ({
      series: minuteSeries(
        range,
        rows.map(({ minute }) => ({ minute, good: 1n, valid: 1n })),
      ),
      firstMs: rows[0] === undefined ? null : rows[0].minute * 1000,
    }))
    received.set(signal, reading)
    return reading
  }

  const stored = async (slos: readonly Slo[], into: Map<string, MinuteCount[]>) => {
    if (slos.length === 0) return
    const params = { ...seconds, slos: slos.map(({ name }) => name), revisions: slos.map(({ revision }) => revision) }
    for (const { slo, revision, ...count } of await reader.query(minuteCounts, params))
      listOf(into, key(slo, revision)).push(count)
  }

  const counted = async (slos: readonly Slo[], into: Map<string, MinuteCount[]>) => {
    const { shapes } = planVerdicts({ slos, services: [], targets: [], revision: '' })
    for (const { query, params, members } of countMinutes(shapes, range))
      for (const { minute, good, valid } of await reader.query(query, params))
        for (const [index, { slo, revision }] of members.entries())
          listOf(into, key(slo, revision)).push({ minute, good: good[index] ?? 0n, valid: valid[index] ?? 0n })
  }

  return {
    read: async wanted => {
      const counts = new Map<string, MinuteCount[]>()
      await stored(
        wanted.flatMap(({ slo, isStored }) => (isStored ? [slo] : [])),
        counts,
      )
      await counted(
        wanted.flatMap(({ slo, isStored }) => (isStored ? [] : [slo])),
        counts,
      )
      return Promise.all(
        wanted.map(async ({ slo }) => ({
          series: minuteSeries(range, counts.get(key(slo.name, slo.revision)) ?? []),
          received: (await receivedOf(slo.indicator.signal)).series,
        })),
      )
    },
    firstDataMs: async signal => (await receivedOf(signal)).firstMs,
  }
}

function listOf(map: Map<string, MinuteCount[]>, name: string): MinuteCount[] {
  const list = map.get(name) ?? []
  map.set(name, list)
  return list
}
