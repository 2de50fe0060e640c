import type { Meter } from '@opentelemetry/api'
import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/logger.ts'
import type { SyntheticTransaction } from '../../slo-specs/schema/transaction-model.ts'
import type { Producer } from '../bus/bus.ts'
import { createResultKeeper } from './keep-result.ts'
import { keepRunning } from './keep-running.ts'
import { createProberMetrics } from './prober-metrics.ts'
import { runSpans } from './run-spans.ts'
import { runTransaction } from './run-transaction.ts'
import type { ProbeRules } from './send-request.ts'

export interface ProberOptions {
  /** The transactions that are to run now; looked at once a second, the same list while nothing changed. */
  readonly transactions: () => readonly SyntheticTransaction[]
  readonly producer: Pick<Producer, 'produce'>
  readonly rules: ProbeRules
  /** Attributes of the place that the requests come from. */
  readonly resource: Readonly<Record<string, string>>
  readonly version: string
  readonly clock: Clock
  readonly logger: Logger
  readonly meter: Meter
}

export interface Prober {
  start(): void
  /** Gives up what is under way: a run that was cut off says nothing of the service. */
  stop(): Promise<void>
}

const lookMs = 1000
/** Runs under way at the same time, of all transactions. */
const mostAtOnce = 50

interface Task {
  readonly revision: string
  readonly stopping: AbortController
  readonly done: Promise<void>
}

/** Runs each transaction on its schedule, never twice at the same time, and puts what came of it on the bus as spans. */
export function createProber(options: ProberOptions): Prober {
  const { transactions, clock, logger } = options
  const tasks = new Map<string, Task>()
  const stopping = new AbortController()
  const start = taskStarter(options)
  let watching: Promise<void> = Promise.resolve()
  let ended: Promise<unknown> = Promise.resolve()

  const reconcile = (wanted: readonly SyntheticTransaction[]) => {
    const revisions = new Map(wanted.map(({ name, revision }) => [name, revision]))
    for (const [name, task] of tasks) {
      if (revisions.get(name) === task.revision) continue
      task.stopping.abort()
      tasks.delete(name)
      ended = Promise.all([ended, task.done])
    }
    for (const transaction of wanted)
      if (!tasks.has(transaction.name)) tasks.set(transaction.name, start(transaction, ended))
    logger.info({ transactions: wanted.length }, 'synthetic transactions in force')
  }

  const watch = async () => {
    let seen: readonly SyntheticTransaction[] = []
    while (!stopping.signal.aborted) {
      const wanted = transactions()
      if (wanted !== seen && wanted.length + seen.length > 0) reconcile(wanted)
      seen = wanted
      await clock.sleep(lookMs, stopping.signal)
    }
    for (const task of tasks.values()) task.stopping.abort()
    await Promise.all([ended, ...[...tasks.values()].map(({ done }) => done)])
  }

  return {
    start: () => {
      watching = watch()
    },
    stop: () => {
      stopping.abort()
      return watching
    },
  }
}

/** @returns what begins to run a transaction as soon as those before it in its place have ended. */
function taskStarter({ producer, rules, version, clock, logger, meter, ...options }: ProberOptions) {
  const metrics = createProberMetrics(meter)
  const keep = createResultKeeper({ producer, clock, logger, metrics })
  const resource = { 'service.name': 'ninefold-prober', 'service.version': version, ...options.resource }
  const userAgent = `ninefold-prober/${version}`
  let active = 0

  const runOnce = async (transaction: SyntheticTransaction, signal: AbortSignal) => {
    active += 1
    try {
      const run = await runTransaction(transaction, { rules, clock, userAgent }, signal)
      if (run === null) return
      metrics.ran(run)
      await keep(transaction.name, runSpans(run, resource), signal)
    } catch (error) {
      logger.error({ err: error, transaction: transaction.name }, 'a synthetic transaction could not be run')
    } finally {
      active -= 1
    }
  }

  const parts = { rules, clock, logger, metrics, hasRoom: () => active < mostAtOnce, runOnce }
  return (transaction: SyntheticTransaction, before: Promise<unknown>): Task => {
    const stopping = new AbortController()
    const done = before.then(() => keepRunning(transaction, parts, stopping.signal))
    return { revision: transaction.revision, stopping, done }
  }
}
