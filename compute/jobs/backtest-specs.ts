import { NinefoldError } from '../../lib/errors.ts'
import type { Slo, SpecSet } from '../../slo-specs/schema/model.ts'
import { countedSlos } from '../budget/composite.ts'
import { floorToMinuteMs } from '../budget/windows.ts'
import { openPast, type PlanOptions, type PlanSide, planSide, rawFromMs, shareOfReading } from './plan-specs.ts'
import { createPastReader, type Watched } from './replay-data.ts'

/** What one SLO would have said of a stretch of the past; `today` is the status at its end. */
export interface SloBacktest extends PlanSide {
  readonly name: string
  readonly service: string
  readonly windowText: string
}

/** What specs would have said of a stretch of the past, whatever is in force. */
export interface Backtest {
  readonly revision: string
  /** Alerts were replayed from here on: the beginning that was asked for, or the first data. */
  readonly fromMs: number
  readonly toMs: number
  readonly slos: readonly SloBacktest[]
}

/** The stretch of the past; without a beginning the 30 days before its end, without an end up to now. */
export interface BacktestRange extends Watched {
  readonly fromMs?: number | undefined
  readonly toMs?: number | undefined
}

/** SLOs whose past is held in memory at once; as many as share one scan of the raw events. */
const sloAtOnce = 32
const defaultLengthMs = 30 * 86_400_000
const longestMs = 400 * 86_400_000

/**
 * Runs specs over raw events: SLI, budget and every alert that would have fired, as the evaluator would have worked them out minute by
 * minute. Nothing is read of the roll-ups and nothing is written. Memory is bounded by the SLOs at once and the length of the range.
 */
export async function backtestSpecs(
  options: PlanOptions,
  { slos, revision }: SpecSet,
  range: BacktestRange,
): Promise<Backtest> {
  const { reader, clock } = options
  const toMs = floorToMinuteMs(Math.min(range.toMs ?? Number.POSITIVE_INFINITY, clock.now()))
  const wantedFromMs = floorToMinuteMs(range.fromMs ?? toMs - defaultLengthMs)
  if (toMs - wantedFromMs > longestMs) throw new NinefoldError('API_BAD_REQUEST', 'the range is longer than 400 days')
  const raw = { rawFromMs: rawFromMs(options) }
  const opened = await openPast(reader, slos, { fromMs: Math.min(wantedFromMs, toMs), toMs })
  const { firstMs } = opened
  // What is counted elsewhere may reach back further than raw events do.
  const isRaw = slos.flatMap(countedSlos).every(({ indicator }) => indicator.kind === 'ratio')
  const fromMs = isRaw ? Math.min(toMs, Math.max(opened.fromMs, raw.rawFromMs)) : opened.fromMs
  // Before the first raw events there is nothing, however far back a window looks.
  const past = createPastReader(reader, { fromMs: firstMs, toMs, ...raw })
  const { signal } = range
  const tested: SloBacktest[] = []
  for (let index = 0; index < slos.length; index += sloAtOnce) {
    const group = slos.slice(index, index + sloAtOnce)
    const progress = (share: number) => range.progress?.((index + share * group.length) / slos.length)
    const read = await past.read(
      group.map(slo => ({ slo, isStored: false })),
      { signal, progress: share => progress(share * shareOfReading) },
    )
    for (const [at, slo] of group.entries()) {
      const data = read[at]
      if (data !== undefined) tested.push({ ...named(slo), ...(await planSide(slo, data, { fromMs, toMs, signal })) })
      progress(shareOfReading + ((1 - shareOfReading) * (at + 1)) / group.length)
    }
  }
  return { revision, fromMs, toMs, slos: tested }
}

function named({ name, service, window }: Slo) {
  return { name, service, windowText: window.text }
}
