import { backOffMs } from '../../lib/back-off.ts'
import type { Clock } from '../../lib/clock.ts'
import { asNinefoldError, NinefoldError } from '../../lib/errors.ts'
import type { Logger } from '../../lib/logger.ts'
import { type ProduceRecord, type Producer, topics } from '../bus/bus.ts'
import type { ProberMetrics } from './prober-metrics.ts'

const mostTries = 5
const backOff = { firstMs: 200, longestMs: 2000, random: Math.random }

export type KeepResult = (transaction: string, value: Uint8Array, signal: AbortSignal) => Promise<void>

/** Puts a result on the bus. What it cannot take now is tried a few times; then it is lost, and told of. */
export function createResultKeeper({
  producer,
  clock,
  logger,
  metrics,
}: {
  readonly producer: Pick<Producer, 'produce'>
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Pick<ProberMetrics, 'lost'>
}): KeepResult {
  const produce = async (record: ProduceRecord) => {
    const { leftOut, reasons } = await producer.produce(record)
    if (leftOut > 0) throw new NinefoldError('BUS_RECORD_TOO_LARGE', reasons.join(' '))
  }
  return async (transaction, value, signal) => {
    const record = { topic: topics.traces, value, receivedAtMs: clock.now(), source: 'prober' } as const
    for (let attempt = 1; ; attempt++) {
      const failure = await produce(record).catch(asNinefoldError)
      if (failure === undefined) return
      if (!failure.retryable || attempt === mostTries || signal.aborted) {
        metrics.lost(transaction, failure.code)
        logger.error({ err: failure, code: failure.code, transaction }, 'a synthetic result is lost')
        return
      }
      await clock.sleep(backOffMs(attempt, backOff), signal)
    }
  }
}
