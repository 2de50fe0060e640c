import { type BackOff, backOffMs } from '../../../lib/back-off.ts'
import type { Clock } from '../../../lib/clock.ts'
import { asNinefoldError, type NinefoldError } from '../../../lib/errors.ts'
import type { Logger } from '../../../lib/logger.ts'
import type { Cluster } from './cluster.ts'
import { isNewFailure } from './connection-errors.ts'
import type { NewTopics } from './options.ts'

export interface LayoutWatch {
  /** Why the layout could not be read the last time, or null. */
  failure(): NinefoldError | null
  /** Reads it at once rather than when it is due. */
  refreshSoon(): void
  /** @throws the last failure while it lasts. */
  ping(): Promise<void>
  stop(): void
}

const refreshMs = 10_000
const backOff: BackOff = { firstMs: 500, longestMs: 15_000, random: Math.random }
/** How long opening waits for brokers that do not answer before it goes on in the background. */
const openingMs = 10_000
const lastingCodes = new Set(['BUS_ACCESS_DENIED', 'BUS_TLS_REFUSED', 'BUS_BROKER_TOO_OLD', 'CONFIG_INVALID'])

/**
 * Reads who leads what again and again: partitions are added, leaders change, brokers come and go. Failures are tried again for as long as
 * it takes, with growing pauses and jitter.
 * @throws what only somebody can change, when the first reading fails with it.
 */
export async function keepRefreshed(
  cluster: Cluster,
  options: { readonly createTopics: NewTopics; readonly clock: Clock; readonly logger: Logger },
): Promise<LayoutWatch> {
  const { clock, logger, createTopics } = options
  const stopping = new AbortController()
  let hurry = new AbortController()
  let failure: NinefoldError | null = null
  let failures = 0

  const read = async (): Promise<void> => {
    try {
      await cluster.refresh()
      await cluster.createMissing(createTopics)
      if (failure !== null) logger.info({}, 'Kafka answers again')
      failure = null
      failures = 0
    } catch (error) {
      const former = failure
      failure = asNinefoldError(error)
      failures++
      if (isNewFailure(former, failure) || failures % 10 === 0)
        logger.warn({ code: failure.code, reason: failure.message }, failure.remedy)
    }
  }
  const pause = async () => {
    const pauseMs = failure === null ? refreshMs : backOffMs(failures, backOff)
    hurry = new AbortController()
    await clock.sleep(pauseMs, AbortSignal.any([hurry.signal, stopping.signal]))
  }
  const run = async () => {
    while (!stopping.signal.aborted) {
      await pause()
      if (!stopping.signal.aborted) await read()
    }
  }

  const untilMs = performance.now() + openingMs
  await read()
  while (failure !== null && performance.now() < untilMs) {
    if (lastingCodes.has((failure as NinefoldError).code)) {
      await cluster.close()
      throw failure
    }
    await pause()
    await read()
  }
  void run()
  return {
    failure: () => failure,
    refreshSoon: () => hurry.abort(),
    ping: async () => {
      if (failure !== null) throw failure
    },
    stop: () => stopping.abort(),
  }
}
