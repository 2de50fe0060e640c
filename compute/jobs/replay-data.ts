import type { Slo } from '../../slo-specs/schema/model.ts'
import type { Reader } from '../../store/client/store.ts'
import { minuteCounts } from '../../store/queries/minute-counts.ts'
import { countMinutes } from '../../store/queries/rollup-minutes.ts'
import { arrivedMinutes, computedMinutes } from '../../store/queries/rollup-progress.ts'
import { countedSlos, signalsOf } from '../budget/composite.ts'
import { type MinuteSeries, type MinuteTally, minuteSeries, minuteTally } from '../budget/minute-series.ts'
import { leftOutMinutes } from './corrected-counts.ts'
import type { ReplayData } from './replay-slo.ts'
import { planVerdicts } from './verdict-plan.ts'

export interface PastRange {
  readonly fromMs: number
  readonly toMs: number
}

/** Before `rawFromMs` raw events are no longer kept: what is counted of them now has no minute before. */
export interface RawRange extends PastRange {
  readonly rawFromMs?: number | undefined
}

/** An SLO whose past is wanted; `isStored` says that the roll-ups of its revision are kept. */
export interface PastWanted {
  readonly slo: Slo
  readonly isStored: boolean
  /** What is in force instead: counts of other databases that only corrections change are made of what it stored. */
  readonly before?: Slo | undefined
}

/** What somebody who waits for a piece of work may do meanwhile. */
export interface Watched {
  readonly signal?: AbortSignal | undefined
  /** Told how much is done, from 0 to 1. */
  readonly progress?: ((share: number) => void) | undefined
}

/** Reads the past of SLOs, several at a time. */
export interface PastReader {
  /** In the order of what is wanted. Of revisions that are not stored, raw events are counted now, a day at a time. */
  read(wanted: readonly PastWanted[], watched?: Watched): Promise<readonly ReplayData[]>
  /** The first minute of the range in which anything of a signal arrived; null without any. */
  firstDataMs(signal: string): Promise<number | null>
}

/** `storedAs`: the revision whose rows are read. */
interface StoredSlo {
  readonly slo: Slo
  readonly storedAs: string
}

function storedRevision({ indicator, revision }: Slo, was: Slo | undefined): string {
  const isSame = indicator.kind === 'queried' && was?.indicator.signal === indicator.signal
  return isSame ? was.revision : revision
}

interface Received {
  /** Minutes in which anything of a signal arrived. */
  readonly series: MinuteSeries
  /** Those whose raw events are kept. */
  readonly rawSeries: MinuteSeries
  readonly firstMs: number | null
}

type Tallies = ReadonlyMap<string, MinuteTally>

const dayMs = 86_400_000
const key = (slo: string, revision: string) => `${slo}\0${revision}`

/** @param range whole minutes; what lies before raw events begin is empty. */
export function createPastReader(reader: Reader, range: RawRange): PastReader {
  const rawFromMs = range.rawFromMs ?? 0
  const seconds = { from: range.fromMs / 1000, to: range.toMs / 1000 }
  const received = new Map<string, Promise<Received>>()

  const receivedOf = (signal: string) => {
    const known = received.get(signal)
    if (known !== undefined) return known
    const rowsOf = async () =>
      signal.includes('/')
        ? reader.query(computedMinutes, { signal, ...seconds })
        : reader.query(arrivedMinutes, { signals: [signal], ...seconds })
    const reading = rowsOf().then(rows => {
      const minutes = rows.map(({ minute }) => ({ minute, good: 1n, valid: 1n }))
      const raw = minutes.filter(({ minute }) => minute * 1000 >= rawFromMs)
      const series = minuteSeries(range, minutes)
      return {
        series,
        rawSeries: raw.length === minutes.length ? series : minuteSeries(range, raw),
        firstMs: rows[0] === undefined ? null : rows[0].minute * 1000,
      }
    })
    received.set(signal, reading)
    return reading
  }

  const stored = async (wanted: readonly StoredSlo[], into: Tallies) => {
    if (wanted.length === 0) return
    const takers = new Map<string, ((minute: number, good: bigint, valid: bigint) => void)[]>()
    for (const { slo, storedAs } of wanted) {
      const tally = into.get(key(slo.name, slo.revision))
      const isLeftOut = storedAs === slo.revision ? () => false : leftOutMinutes(slo, range)
      const take = (minute: number, good: bigint, valid: bigint) => {
        if (!isLeftOut(minute)) tally?.set(minute, good, valid)
      }
      takers.set(key(slo.name, storedAs), [...(takers.get(key(slo.name, storedAs)) ?? []), take])
    }
    const asked = wanted.map(({ slo, storedAs }) => ({ slo: slo.name, storedAs }))
    const params = { ...seconds, slos: asked.map(({ slo }) => slo), revisions: asked.map(({ storedAs }) => storedAs) }
    for (const { slo, revision, minute, good, valid } of await reader.query(minuteCounts, params))
      for (const take of takers.get(key(slo, revision)) ?? []) take(minute, good, valid)
  }

  const counted = async (slos: readonly Slo[], into: Tallies, { signal, progress }: Watched) => {
    const { shapes, signals } = planVerdicts({ slos, ratios: [], services: [], targets: [], revision: '' })
    const days = slos.length === 0 ? [] : await daysWithData(signals)
    for (const [index, day] of days.entries()) {
      for (const { query, params, members } of countMinutes(shapes, day)) {
        signal?.throwIfAborted()
        const tallies = members.map(({ slo, revision }) => into.get(key(slo, revision)))
        for (const { minute, good, valid } of await reader.query(query, params))
          for (const [member, tally] of tallies.entries()) tally?.set(minute, good[member] ?? 0n, valid[member] ?? 0n)
      }
      progress?.((index + 1) / days.length)
    }
  }

  /** Days (UTC) of the range from the first on in which anything of the signals arrived. */
  const daysWithData = async (signals: readonly string[]): Promise<PastRange[]> => {
    const firsts = await Promise.all(signals.map(async signal => (await receivedOf(signal)).firstMs))
    const firstMs = Math.max(rawFromMs, Math.min(...firsts.filter(ms => ms !== null)))
    const days: PastRange[] = []
    for (let fromMs = firstMs; fromMs < range.toMs; ) {
      const toMs = Math.min(range.toMs, (Math.floor(fromMs / dayMs) + 1) * dayMs)
      days.push({ fromMs, toMs })
      fromMs = toMs
    }
    return days
  }

  return {
    read: async (asked, watched = {}) => {
      const wanted = asked.flatMap(({ slo, isStored, before }) => {
        const was = new Map((before === undefined ? [] : countedSlos(before)).map(each => [each.name, each]))
        return countedSlos(slo).map(each => ({
          slo: each,
          isStored,
          storedAs: storedRevision(each, was.get(each.name)),
        }))
      })
      const tallies: Tallies = new Map(
        wanted.map(({ slo }) => [key(slo.name, slo.revision), minuteTally(range)] as const),
      )
      // What is counted elsewhere is known only as far as it was asked for.
      const isKept = ({ slo, isStored }: PastWanted) => isStored || slo.indicator.kind !== 'ratio'
      const of = (isStored: boolean) => wanted.filter(each => isKept(each) === isStored)
      await stored(of(true), tallies)
      await counted(
        of(false).map(({ slo }) => slo),
        tallies,
        watched,
      )
      const series = new Map([...tallies].map(([name, tally]) => [name, tally.series()]))
      const seriesOf = ({ name, revision }: Slo) => series.get(key(name, revision)) ?? minuteSeries(range, [])
      return Promise.all(
        asked.map(async ({ slo, isStored }) => {
          const counted = countedSlos(slo)
          const [first = slo] = counted
          const receivedBy = async (signal: string) => {
            const { series, rawSeries } = await receivedOf(signal)
            return isStored || signal.includes('/') ? series : rawSeries
          }
          const data = { series: seriesOf(first), received: await receivedBy(first.indicator.signal) }
          if (slo.indicator.kind !== 'composite') return data
          const received = new Map<string, MinuteSeries>()
          for (const signal of signalsOf(slo)) received.set(signal, await receivedBy(signal))
          return { ...data, members: { series: new Map(counted.map(each => [each.name, seriesOf(each)])), received } }
        }),
      )
    },
    firstDataMs: async signal => (await receivedOf(signal)).firstMs,
  }
}
