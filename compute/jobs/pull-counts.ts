import type { Meter } from '@opentelemetry/api'
import { type BackOff, backOffMs } from '../../lib/back-off.ts'
import type { Clock } from '../../lib/clock.ts'
import { asNinefoldError } from '../../lib/errors.ts'
import type { Logger } from '../../lib/logger.ts'
import type { QueriedIndicator, QuerySource, Slo, SpecSet } from '../../slo-specs/schema/model.ts'
import type { Writer } from '../../store/client/store.ts'
import { sourceProgress, sourceProgressTable } from '../../store/tables/source-progress.ts'
import type { CountSource, MinuteSpan } from '../sources/pulled-counts.ts'
import type { Alone } from './alone.ts'
import { withoutCorrected } from './corrected-counts.ts'
import { reachSeconds } from './plan-specs.ts'
import { createCountStore } from './store-counts.ts'

export type CountSources = Readonly<Partial<Record<QuerySource['type'], CountSource>>>

export interface PullOptions {
  readonly writer: Writer
  readonly sources: CountSources
  readonly clock: Clock
  readonly nextVersion: () => bigint
  readonly logger: Logger
  readonly meter: Meter
  /** Whether the SLO is this process's business, now. */
  readonly isMine: (slo: string) => boolean
  /** Runs a piece of work while nobody else makes hours and days: what is made later has to have the later version. */
  readonly alone: Alone
  readonly backOff?: BackOff
}

export interface Pulls {
  /** Begins a round over the SLOs that other databases count, unless one is under way or nothing is due; does not wait for it. */
  step(specs: SpecSet): void
  /** Waits for the round under way. */
  settled(): Promise<void>
  /** Has anything been stored since this was asked last? */
  takeChanged(): boolean
  /** Lets go of the questions on their way. */
  stop(): Promise<void>
}

/** One question asks for so much time: bounds answers. */
const pieceSeconds = 6 * 3600
/** Read again each time: samples arrive late. */
const lookBackSeconds = 600
/** Minutes of the past are kept for a hundred days. */
const longestPastSeconds = 90 * 86_400
const defaultBackOff: BackOff = { firstMs: 5000, longestMs: 300_000, random: Math.random }

type QueriedSlo = Slo & { readonly indicator: QueriedIndicator }

interface Waiting {
  readonly attempts: number
  readonly untilMs: number
}

const isQueried = (slo: Slo): slo is QueriedSlo => slo.indicator.kind === 'queried'
const keyOf = ({ name, revision }: Slo) => `${name}\0${revision}`
const hourOf = (seconds: number) => seconds - (seconds % 3600)

/**
 * Fetches counts that other databases work out: the newest minutes first, with some that were read before, then the past in pieces until
 * the longest window is filled. A question that fails leaves its minutes uncovered and is asked again, later and later; one that a source
 * cannot be asked at all holds back the other questions to it.
 */
export function createPulls(options: PullOptions): Pulls {
  const { writer, sources, clock, nextVersion, logger, isMine, alone, backOff = defaultBackOff } = options
  const store = createCountStore({ writer, nextVersion })
  const stopping = new AbortController()
  const waiting = new Map<string, Waiting>()
  /** The newest hour that was made of each SLO. */
  const hourMade = new Map<string, number>()
  let pulled: Map<string, MinuteSpan> | undefined
  let round: Promise<void> | undefined
  let behind = true
  let lastMinute = -1
  let changed = false
  const questions = options.meter.createCounter('ninefold_source_pulls_total', {
    description: 'Questions to sources of counts, by their type and outcome (ok or an error code).',
  })

  const isWaiting = (name: string) => (waiting.get(name)?.untilMs ?? 0) > clock.now()
  const wait = (name: string): Waiting => {
    const attempts = (waiting.get(name)?.attempts ?? 0) + 1
    const next = { attempts, untilMs: clock.now() + backOffMs(attempts, backOff) }
    waiting.set(name, next)
    return next
  }

  const ask = async (slo: QueriedSlo, span: MinuteSpan, to: MinuteSpan, end: number): Promise<boolean> => {
    const { source } = slo.indicator
    const counts = await sources[source.type]?.pull(slo.indicator, span, stopping.signal)
    if (counts === undefined || !isMine(slo.name) || stopping.signal.aborted) return false
    await alone(async () => {
      await store.put(slo, span, withoutCorrected(slo, span, counts), end)
      const row = {
        Slo: slo.name,
        Revision: slo.revision,
        PulledFrom: to.from,
        PulledTo: to.to,
        Version: nextVersion(),
      }
      await writer.insert(sourceProgressTable, [row])
    })
    pulled?.set(keyOf(slo), to)
    questions.add(1, { source: source.type, outcome: 'ok' })
    changed ||= counts.covered.length > 0
    return true
  }

  /** The next piece forward and, once that is all, the next one backward. True when more is left. */
  const pullSlo = async (slo: QueriedSlo, end: number): Promise<boolean> => {
    const done = pulled?.get(keyOf(slo)) ?? { from: end, to: end }
    const isNew = done.from === done.to
    if (done.to < end || isNew) {
      const from = isNew ? Math.max(0, end - 3600) : Math.max(done.from, done.to - lookBackSeconds)
      const to = Math.min(end, from + pieceSeconds)
      if (!(await ask(slo, { from, to }, { from: Math.min(done.from, from), to }, end))) return false
      return true
    }
    const oldest = Math.max(0, end - Math.min(longestPastSeconds, reachSeconds(slo)))
    if (done.from <= oldest) return false
    const from = Math.max(oldest, done.from - pieceSeconds)
    return ask(slo, { from, to: done.from }, { from, to: done.to }, end)
  }

  /** An hour is read as one as soon as it is over, also when its last minutes are still missing. */
  const completeHour = async (slo: QueriedSlo, end: number) => {
    const done = pulled?.get(keyOf(slo))
    if (done === undefined || done.to <= done.from) return
    const hour = hourOf(done.to - 60)
    if (hour + 3600 > end || hourMade.get(keyOf(slo)) === hour) return
    await alone(() => store.makeSteps(slo, [hour], end))
    hourMade.set(keyOf(slo), hour)
  }

  const runSlo = async (slo: QueriedSlo, end: number): Promise<boolean> => {
    const { source } = slo.indicator
    const whom = source.type === 'prometheus' ? `prometheus ${source.name}` : source.type
    try {
      await completeHour(slo, end)
      if (isWaiting(whom) || isWaiting(keyOf(slo))) return true
      const isMore = await pullSlo(slo, end)
      for (const name of [whom, keyOf(slo)]) waiting.delete(name)
      return isMore
    } catch (error) {
      if (stopping.signal.aborted) return false
      const { code, message } = asNinefoldError(error)
      const isSourceDown = code === 'SOURCE_UNREACHABLE' || code === 'SOURCE_SECRET' || code === 'SOURCE_UNSAFE_URL'
      const { attempts, untilMs } = wait(isSourceDown ? whom : keyOf(slo))
      questions.add(1, { source: source.type, outcome: code })
      const again = new Date(untilMs).toISOString()
      logger.warn({ slo: slo.name, code, attempts, again }, `counts could not be fetched: ${message}`)
      return true
    }
  }

  const runRound = async (slos: readonly QueriedSlo[], end: number) => {
    pulled ??= new Map(
      (await writer.query(sourceProgress, {})).map(({ slo, revision, from, to }) => [
        `${slo}\0${revision}`,
        { from, to },
      ]),
    )
    let left = false
    for (const slo of slos) {
      if (stopping.signal.aborted) return
      if (isMine(slo.name) && (await runSlo(slo, end))) left = true
    }
    behind = left
    lastMinute = end
  }

  const step = (specs: SpecSet) => {
    const slos = specs.slos.filter(isQueried)
    const end = Math.floor(clock.now() / 60_000) * 60
    if (slos.length === 0 || round !== undefined || stopping.signal.aborted || (!behind && end === lastMinute)) return
    round = runRound(slos, end)
      .catch((error: unknown) =>
        logger.error({ err: error, code: asNinefoldError(error).code }, 'a round of fetching failed'),
      )
      .finally(() => {
        round = undefined
      })
  }

  return {
    step,
    settled: async () => round,
    takeChanged: () => {
      const was = changed
      changed = false
      return was
    },
    stop: async () => {
      stopping.abort()
      await round
    },
  }
}
