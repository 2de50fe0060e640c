import { availableParallelism } from 'node:os'
import process from 'node:process'
import type { Meter } from '@opentelemetry/api'
import type { Clock } from '../../lib/clock.ts'
import { asNinefoldError } from '../../lib/errors.ts'
import type { Logger } from '../../lib/logger.ts'
import type { SpecSet } from '../../slo-specs/schema/model.ts'
import type { Store } from '../../store/client/store.ts'
import { readWindows } from '../../store/queries/read-windows.ts'
import { highestVersion, newestMinutes } from '../../store/queries/rollup-progress.ts'
import { readSlices } from '../../store/queries/slice-sums.ts'
import type { NotificationSender } from '../alerts/notice.ts'
import { sliceGroups, withSlices } from '../budget/slicing.ts'
import { statusesFrom, windowsFor } from '../budget/statuses.ts'
import { type Alerting, createAlerting } from './alerting.ts'
import { createHistory, type History } from './history.ts'
import { createOutbox, type Outbox } from './outbox.ts'
import { defaultCpuShare, pauseMs } from './pacer.ts'
import { createRollup, type Rollup, type RollupResult } from './rollup.ts'
import { planVerdicts, type VerdictPlan } from './verdict-plan.ts'
import { createVersions } from './versions.ts'

export interface EvaluatorOptions {
  readonly store: Store
  /** The specs in force; a new value takes effect at the next tick. */
  readonly specs: () => SpecSet
  readonly senders: readonly NotificationSender[]
  readonly clock: Clock
  readonly logger: Logger
  readonly meter: Meter
  /** Raw events are kept for this long (the store's TTL); 35 days by default. */
  readonly rawRetentionSeconds?: number
  /** Of the machine's processors, above 0 and up to 1. */
  readonly cpuShare?: number
  /** Raw rows one tick computes at most, and one step of history; 1 million by default. */
  readonly rowsATick?: number
}

export interface TickResult extends RollupResult {
  /** SLOs that were evaluated; 0 when nothing can have changed since the last tick. */
  readonly evaluated: number
  readonly fired: number
  readonly resolved: number
  /** Revisions whose history is not complete yet. */
  readonly historyLeft: number
  readonly durationMs: number
}

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
  /** One tick now: roll up, evaluate, alert, enqueue, a piece of history; never two at once. */
  tick(): Promise<TickResult>
  stats(): EvaluatorStats
}

const defaultRetentionSeconds = 35 * 86_400
const defaultRowsATick = 1_000_000

interface Parts {
  readonly rollup: Rollup
  readonly history: History
  readonly alerting: Alerting
  readonly outbox: Outbox
}

/** The loop that turns raw events into budgets and pages. */
export function createEvaluator(options: EvaluatorOptions): Evaluator {
  const { store, clock, logger } = options
  const metrics = createMetrics(options.meter)
  let parts: Promise<Parts> | undefined
  let plan: VerdictPlan | undefined
  let evaluatedMinute = -1
  let running: Promise<TickResult> | undefined
  let loop: Promise<void> | undefined
  let stopping = new AbortController()
  let delivery: Promise<void> = Promise.resolve()
  let counted = { ticks: 0, failedTicks: 0, evaluations: 0, openEpisodes: 0, pendingNotifications: 0 }
  let last: { result: TickResult; atMs: number } | undefined

  const planFor = async (specs: SpecSet, { history }: Parts): Promise<VerdictPlan> => {
    if (plan?.specs === specs) return plan
    const next = planVerdicts(specs)
    if (next.unsupported.length > 0)
      logger.warn({ slos: next.unsupported }, 'SLOs on signals that cannot be evaluated yet stay without data')
    await history.register(next)
    evaluatedMinute = -1
    plan = next
    return next
  }

  const evaluate = async (specs: SpecSet, alerting: Alerting, changed: boolean) => {
    const nowMs = clock.now()
    const minute = Math.floor(nowMs / 60_000)
    // Windows slide by the minute; within one, numbers change only with the rows, and episodes only while one is open.
    if (!changed && minute === evaluatedMinute && alerting.open().length === 0)
      return { evaluated: 0, fired: 0, resolved: 0 }
    const reading = await readWindows(store.compute, windowsFor(specs.slos, nowMs), nowMs)
    const groups = sliceGroups(specs.slos, nowMs)
    const slices = await readSlices(store.compute, groups)
    const statuses = statusesFrom(specs.slos, withSlices(reading, groups, slices), nowMs)
    const newest = await store.compute.query(newestMinutes, { until: minute * 60 + 60 })
    const lastDataMs = new Map(newest.map(({ signal, minute: at }) => [signal, Math.min(nowMs, (at + 60) * 1000)]))
    const { fired, resolved } = await alerting.step(specs, statuses, lastDataMs, nowMs)
    evaluatedMinute = minute
    return { evaluated: statuses.length, fired, resolved }
  }

  const runTick = async (): Promise<TickResult> => {
    const startedMs = performance.now()
    const specs = options.specs()
    parts ??= createParts(options, specs)
    const { rollup, history, alerting, outbox } = await parts.catch((error: unknown) => {
      parts = undefined
      throw error
    })
    const current = await planFor(specs, await parts)
    const rolled = await rollup.tick(current)
    const evaluated = await evaluate(specs, alerting, rolled.minutes > 0)
    deliverSoon(outbox)
    const { left } = await history.step(current)
    const durationMs = performance.now() - startedMs
    const result = { ...rolled, ...evaluated, historyLeft: left, durationMs }
    metrics.observe(result)
    counted = {
      ...counted,
      ticks: counted.ticks + 1,
      evaluations: counted.evaluations + (evaluated.evaluated > 0 ? 1 : 0),
      openEpisodes: alerting.open().length,
      pendingNotifications: outbox.pending(),
    }
    last = { result, atMs: clock.now() }
    return result
  }

  /** A slow receiver must not hold up evaluation. */
  const deliverSoon = (outbox: Outbox) => {
    delivery = outbox.deliver().catch((error: unknown) => {
      logger.error({ err: error, code: asNinefoldError(error).code }, 'delivering notifications failed')
    })
  }

  const tick = (): Promise<TickResult> => {
    running ??= runTick().finally(() => {
      running = undefined
    })
    return running
  }

  const runLoop = async () => {
    const { signal } = stopping
    while (!signal.aborted) {
      const startedMs = performance.now()
      const startedCpu = process.cpuUsage()
      try {
        await tick()
      } catch (error) {
        const known = asNinefoldError(error)
        counted = { ...counted, failedTicks: counted.failedTicks + 1 }
        metrics.failed(known.code)
        logger.error({ err: error, code: known.code }, 'a tick failed; the next one takes up what it left')
      }
      const cpu = process.cpuUsage(startedCpu)
      const cost = { wallMs: performance.now() - startedMs, cpuMs: (cpu.user + cpu.system) / 1000 }
      await clock.sleep(pauseMs(cost, availableParallelism(), options.cpuShare ?? defaultCpuShare), signal)
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
    await delivery
  }

  return { start, stop, tick, stats: () => ({ ...counted, lastTick: last?.result, lastTickAtMs: last?.atMs }) }
}

async function createParts(options: EvaluatorOptions, specs: SpecSet): Promise<Parts> {
  const { clock, logger, meter, senders } = options
  const writer = options.store.compute
  const [row] = await writer.query(highestVersion, {})
  const nextVersion = createVersions(clock, row?.version ?? 0n)
  const rawRetentionSeconds = options.rawRetentionSeconds ?? defaultRetentionSeconds
  const rowsATick = options.rowsATick ?? defaultRowsATick
  const rollup = createRollup({ writer, clock, nextVersion, rowsATick, rawRetentionSeconds })
  const { isPending } = rollup
  const history = createHistory({ writer, clock, nextVersion, rowsAStep: rowsATick, rawRetentionSeconds, isPending })
  const outbox = createOutbox({ writer, senders, clock, nextVersion, logger, meter })
  await outbox.load()
  const alerting = createAlerting({ writer, outbox, clock, nextVersion, logger, meter })
  await alerting.load(specs)
  return { rollup, history, alerting, outbox }
}

function createMetrics(meter: Meter) {
  const seconds = meter.createHistogram('ninefold_tick_seconds', {
    description: 'Duration of an evaluation tick.',
    unit: 's',
  })
  const minutes = meter.createCounter('ninefold_rollup_minutes_total', { description: 'Dirty minutes computed.' })
  const rows = meter.createCounter('ninefold_rollup_rows_total', { description: 'Raw rows the computed minutes held.' })
  const failures = meter.createCounter('ninefold_tick_failures_total', { description: 'Failed ticks, by error code.' })
  const pending = meter.createGauge('ninefold_rollup_pending_minutes', {
    description: 'Dirty minutes not computed yet.',
  })
  const history = meter.createGauge('ninefold_history_revisions_left', {
    description: 'SLO revisions whose history is not complete yet.',
  })
  return {
    observe: (result: TickResult) => {
      seconds.record(result.durationMs / 1000)
      minutes.add(result.minutes)
      rows.add(result.rows)
      pending.record(result.pendingMinutes)
      history.record(result.historyLeft)
    },
    failed: (code: string) => failures.add(1, { code }),
  }
}
