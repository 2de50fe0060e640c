import type { Clock } from '../../lib/clock.ts'
import { NinefoldError } from '../../lib/errors.ts'
import type { Logger } from '../../lib/logger.ts'
import { type OutboundRules, outboundProblem } from '../../lib/outbound.ts'
import { fillIn, placeholdersOf, type SyntheticTransaction } from '../../slo-specs/schema/transaction-model.ts'
import type { ProberMetrics } from './prober-metrics.ts'
import { dueBetween, isTooLate, nextDueMs, scheduleOf } from './schedule.ts'

export interface RunningParts {
  readonly rules: OutboundRules
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Pick<ProberMetrics, 'skipped'>
  /** Whether there is room for one more run. */
  readonly hasRoom: () => boolean
  readonly runOnce: (transaction: SyntheticTransaction, signal: AbortSignal) => Promise<void>
}

/** Runs a transaction whenever it is due, one run after another, until `signal` fires; what it leaves out is counted. */
export async function keepRunning(
  transaction: SyntheticTransaction,
  { rules, clock, logger, metrics, hasRoom, runOnce }: RunningParts,
  signal: AbortSignal,
): Promise<void> {
  const { name } = transaction
  const schedule = scheduleOf(name, transaction.everySeconds)
  const refusal = refusalOf(transaction, rules)
  if (refusal !== undefined)
    logger.error({ code: refusal.code, transaction: name }, `${refusal.message}. ${refusal.remedy}`)
  let dueMs = nextDueMs(schedule, clock.now())
  while (!signal.aborted) {
    await clock.sleep(Math.min(Math.max(0, dueMs - clock.now()), schedule.everyMs), signal)
    if (signal.aborted) return
    const nowMs = clock.now()
    if (nowMs < dueMs) {
      // The clock was set back.
      dueMs = nextDueMs(schedule, nowMs)
      continue
    }
    if (refusal !== undefined) metrics.skipped(name, 'refused', 1)
    else if (isTooLate(schedule, dueMs, nowMs)) metrics.skipped(name, 'late', 1)
    else if (hasRoom()) await runOnce(transaction, signal)
    else metrics.skipped(name, 'busy', 1)
    const afterMs = Math.max(dueMs, clock.now())
    metrics.skipped(name, 'running', dueBetween(schedule, dueMs, afterMs))
    dueMs = nextDueMs(schedule, afterMs)
  }
}

/** Why a transaction may not be run: an address that may not be called, as far as can be said without asking DNS. */
function refusalOf({ name, steps }: SyntheticTransaction, rules: OutboundRules): NinefoldError | undefined {
  for (const step of steps) {
    const url = new URL(fillIn(step.url, new Map(placeholdersOf(step.url).map(each => [each, 'x']))))
    const problem = outboundProblem(url, rules)
    if (problem === undefined) continue
    const message = `SyntheticTransaction ${name} is not run: ${url.host}, which its step "${step.name}" asks, ${problem}`
    return new NinefoldError('SYNTHETIC_UNSAFE_URL', message)
  }
  return undefined
}
