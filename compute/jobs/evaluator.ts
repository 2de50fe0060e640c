import { availableParallelism } from 'node:os'
import process from 'node:process'
import { asNinefoldError } from '../../lib/errors.ts'
import { createAlarm } from './alarm.ts'
import { beginTerm, type EvaluationTerm } from './evaluation-term.ts'
import type { EvaluatorOptions, TickResult } from './evaluator-options.ts'
import { defaultCpuShare, pauseAfter } from './pacer.ts'
import { soleLease } from './shard-lease.ts'
import { createTickMetrics } from './tick-metrics.ts'
import { createTickVersions } from './versions.ts'

export interface EvaluatorStats {
  readonly ticks: number
  readonly failedTicks: number
  /** Ticks that worked the numbers out anew, because of rows or because a minute had passed. */
  readonly evaluations: number
  readonly lastTick: TickResult | undefined
  readonly lastTickAtMs: number | undefined
  readonly openEpisodes: number
  readonly pendingNotifications: number
}

export interface Evaluator {
  start(): void
  /** Ends the loop after the tick under way. */
  stop(): Promise<void>
  /** Rows have arrived: the loop's next tick comes as soon as its pace allows instead of at its next look. */
  wake(): void
  /** One tick now: roll up, evaluate, alert, enqueue, a piece of history; never two at once. */
  tick(): Promise<TickResult>
  /** Waits for answers of other databases that are on their way; tests and commands do. */
  pulled(): Promise<void>
  stats(): EvaluatorStats
}

const nothingHeld: Omit<TickResult, 'durationMs'> = {
  minutes: 0,
  rows: 0,
  hours: 0,
  days: 0,
  pendingMinutes: 0,
  evaluated: 0,
  fired: 0,
  resolved: 0,
  historyLeft: 0,
  shards: 0,
}

/** The loop that turns raw events into budgets and pages. */
export function createEvaluator(options: EvaluatorOptions): Evaluator {
  const { store, clock, logger, lease = soleLease } = options
  const metrics = createTickMetrics(options.meter)
  const versions = createTickVersions(store.compute)
  let term: EvaluationTerm | undefined
  let running: Promise<TickResult> | undefined
  let loop: Promise<void> | undefined
  let stopping = new AbortController()
  const arrivals = createAlarm(clock)
  let delivery: Promise<unknown> = Promise.resolve()
  let counted = { ticks: 0, failedTicks: 0, evaluations: 0, openEpisodes: 0, pendingNotifications: 0 }
  let last: { result: TickResult; atMs: number } | undefined

  /** The work on what is held now; undefined when that is nothing. */
  const currentTerm = async (): Promise<EvaluationTerm | undefined> => {
    const shards = lease.current()
    if (term !== undefined && term.term !== shards.term) {
      await term.end()
      term = undefined
      // What is on its way to a receiver is said before the next outbox reads what was said.
      await delivery
    }
    if (shards.held.length === 0) return undefined
    await versions.begin()
    term ??= await beginTerm({ ...options, lease, nextVersion: versions.next }, shards)
    return term
  }

  const runTick = async (): Promise<TickResult> => {
    const startedMs = performance.now()
    const current = await currentTerm()
    const done = current === undefined ? nothingHeld : await current.tick(options.specs(), () => deliverSoon(current))
    const result = { ...done, durationMs: performance.now() - startedMs }
    metrics.observe(result)
    counted = {
      ...counted,
      ticks: counted.ticks + 1,
      evaluations: counted.evaluations + (result.evaluated > 0 ? 1 : 0),
      openEpisodes: current?.openEpisodes() ?? 0,
      pendingNotifications: current?.pendingNotifications() ?? 0,
    }
    last = { result, atMs: clock.now() }
    return result
  }

  /** A slow receiver must not hold up evaluation. */
  const deliverSoon = (of: EvaluationTerm) => {
    const delivering = of.deliver().catch((error: unknown) => {
      logger.error({ err: error, code: asNinefoldError(error).code }, 'delivering notifications failed')
    })
    delivery = Promise.all([delivery, delivering])
  }

  const tick = (): Promise<TickResult> => {
    running ??= runTick().finally(() => {
      running = undefined
    })
    return running
  }

  const runLoop = async () => {
    const { signal } = stopping
    let wasCalled = false
    while (!signal.aborted) {
      const startedMs = performance.now()
      const startedCpu = process.cpuUsage()
      let hadWork = true
      arrivals.reset()
      try {
        const { minutes, evaluated } = await tick()
        // One that was called for nothing counts: rows that no SLO asks about must not call for ticks without end.
        hadWork = wasCalled || minutes > 0 || evaluated > 0
      } catch (error) {
        const known = asNinefoldError(error)
        counted = { ...counted, failedTicks: counted.failedTicks + 1 }
        metrics.failed(known.code)
        logger.error({ err: error, code: known.code }, 'a tick failed; the next one takes up what it left')
      }
      const cpu = process.cpuUsage(startedCpu)
      const cost = { wallMs: performance.now() - startedMs, cpuMs: (cpu.user + cpu.system) / 1000 }
      const share = options.cpuShare ?? defaultCpuShare
      const { leastMs, longestMs } = pauseAfter(cost, hadWork, availableParallelism(), share)
      await clock.sleep(leastMs, signal)
      wasCalled = await arrivals.pause(longestMs - leastMs, signal)
    }
  }

  const start = () => {
    if (loop !== undefined) return
    stopping = new AbortController()
    loop = runLoop()
  }

  const stop = async () => {
    stopping.abort()
    await loop
    loop = undefined
    await running?.catch(() => undefined)
    await term?.end()
    term = undefined
    await delivery
  }

  return {
    start,
    stop,
    tick,
    wake: arrivals.ring,
    pulled: async () => term?.pulled(),
    stats: () => ({ ...counted, lastTick: last?.result, lastTickAtMs: last?.atMs }),
  }
}
