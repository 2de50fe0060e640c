import { asNinefoldError, type NinefoldError } from '../../lib/errors.ts'
import type { BatchIntent, BusBatch } from '../bus/bus.ts'
import { findEngineKiller } from './engine-killer.ts'
import { type DeadLetterDraft, readQuarantined } from './quarantine.ts'
import { createRepeats } from './repeats.ts'
import type { SinkPartition } from './sink-parts.ts'
import type { StepOutcome } from './steps.ts'
import { storeRange } from './store-range.ts'
import { type KnownRange, readStoredBefore } from './stored-before.ts'

/**
 * Two restarts that found the range unfinished: an engine in this process may have ended of a payload in it. Of an engine elsewhere a restart
 * says nothing, and a range that went from sink to sink while wires were cut would be searched for nothing.
 */
const carefulFromAttempts = 3
/** While another partition of the topic is being stored, a small batch gains little and costs merges: so much more is waited for. */
const busyFactor = 8

/** One lease's way from the bus into the store, one range at a time. */
export interface PartitionWorker {
  /** Finishes the range that was announced, if any, or stores what is readable now. Never throws. */
  step(): Promise<StepOutcome>
}

export function createPartitionWorker(partition: SinkPartition): PartitionWorker {
  const { parts, lease } = partition
  const { clock, bounds, logger } = parts
  const { topic } = lease
  // An intent found by the first step is what an earlier process left; later ones are this process's own failures.
  let firstStep = true
  let ahead: readonly KnownRange[] = []
  let knowsAhead = lease.positionOrigin === 'sink'
  const repeats = parts.consumer.shared ? createRepeats(partition) : null
  let gathering: { readonly first: bigint; readonly sinceMs: number } | undefined

  /** How long a batch has waited: by its oldest record's time, and where the clock that wrote it is ahead, since it was seen here. */
  const waitedMs = ({ first, oldestReceivedAtMs }: Pick<BusBatch, 'first' | 'oldestReceivedAtMs'>): number => {
    const nowMs = performance.now()
    if (gathering?.first !== first) gathering = { first, sinceMs: nowMs }
    return Math.max(clock.now() - oldestReceivedAtMs, nowMs - gathering.sinceMs)
  }

  /** What the ledger says is before anything new, or null when the next records are new. */
  const finishKnown = async (next: bigint): Promise<StepOutcome | null> => {
    if (!knowsAhead) {
      const before = await readStoredBefore(partition, next)
      ahead = before.ranges
      knowsAhead = true
      if (before.passedOver !== null) {
        logger.error(
          { topic, partition: lease.partition, ...before.passedOver },
          'the position was moved past records that were not stored',
        )
        return { kind: 'drop', reason: 'position-moved', gap: before.passedOver }
      }
    }
    ahead = ahead.filter(({ last }) => last >= next)
    const known = ahead[0]
    if (known === undefined || known.first > next) return null
    if (!known.stored) return replay({ first: known.first, last: known.last, attempts: 0, suspect: null })
    logger.info(
      { topic, partition: lease.partition, next, last: known.last },
      'records that are stored already are passed over',
    )
    await lease.commit({ next: known.last + 1n, intent: null })
    return { kind: 'ok', reason: 'stored-before' }
  }

  const storeNew = async (next: bigint): Promise<StepOutcome> => {
    const known = await finishKnown(next)
    if (known !== null) return known
    const batch = await lease.read(next, bounds)
    if (batch === null) return { kind: 'ok', reason: 'nothing-new' }
    const factor = parts.turns.isBusy(topic) ? busyFactor : 1
    const waitMs = bounds.lingerMs * factor - waitedMs(batch)
    const isAll = batch.last + 1n >= lease.endOffset()
    if (batch.bytes < bounds.fullBytes * factor && isAll && waitMs > 0) {
      await clock.sleep(Math.min(waitMs, bounds.lingerMs), lease.signal)
      return { kind: 'ok', reason: 'gathering' }
    }
    const limit = ahead[0]?.first ?? null
    const last = limit !== null && batch.last >= limit ? limit - 1n : batch.last
    const intent = { first: batch.first, last, attempts: 1, suspect: null }
    return outcomeOf(
      await parts.turns.beside(topic, () =>
        storeRange(partition, { intent, excluded: new Set(), letters: [], repeats }),
      ),
    )
  }

  const replay = async (found: BatchIntent): Promise<StepOutcome> => {
    const suspect = firstStep ? found.suspect : null
    const intent = { ...found, attempts: firstStep ? found.attempts + 1 : found.attempts, suspect }
    const { first, last, attempts } = intent
    logger.info({ topic, first, last, attempts, suspect }, 'replaying a range')
    // Announced before anything else, so that each start counts, wherever it ends.
    await lease.commit({ next: first, intent })
    const excluded = new Set(await readQuarantined(partition, intent))
    const killers =
      parts.payloads.inProcess && attempts >= carefulFromAttempts
        ? await parts.turns.alone(() => findEngineKiller(partition, intent, suspect, excluded))
        : []
    const known = { ...intent, suspect: null }
    return outcomeOf(
      await parts.turns.beside(topic, () =>
        storeRange(partition, { intent: known, excluded, letters: killers, repeats }),
      ),
    )
  }

  /** This process lives, so the engine did not end on the range: it begins to count anew. */
  const failed = async (error: NinefoldError): Promise<StepOutcome> => {
    const { next, intent } = lease.committed()
    if (error.code === 'BUS_POSITION_LOST') return skipLost(error, next, intent)
    if (intent !== null && (intent.attempts > 0 || intent.suspect !== null)) {
      await lease.commit({ next, intent: { ...intent, attempts: 0, suspect: null } })
    }
    return { kind: 'retry', reason: error.code, error }
  }

  const skipLost = async (error: NinefoldError, next: bigint, intent: BatchIntent | null): Promise<StepOutcome> => {
    const known = typeof error.details.next === 'bigint' ? error.details.next : next
    const target = intent === null ? known : intent.last + 1n
    if (target <= next) return { kind: 'retry', reason: error.code, error }
    logger.error({ topic, from: next, to: target, err: error }, 'records that were not stored are gone')
    await lease.commit({ next: target, intent: null })
    return { kind: 'drop', reason: 'BUS_POSITION_LOST', gap: { first: next, last: target - 1n } }
  }

  return {
    step: async () => {
      try {
        const { next, intent } = lease.committed()
        return intent === null ? await storeNew(next) : await replay(intent)
      } catch (error) {
        const known = asNinefoldError(error)
        if (known.code === 'BUS_LEASE_LOST') return { kind: 'lost', reason: known.code }
        try {
          return await failed(known)
        } catch (second) {
          logger.error({ topic, err: second }, 'a failed attempt could not be noted')
          return { kind: 'retry', reason: known.code, error: known }
        }
      } finally {
        firstStep = false
      }
    },
  }
}

function outcomeOf(letters: readonly DeadLetterDraft[]): StepOutcome {
  if (letters.length === 0) return { kind: 'ok', reason: 'stored' }
  return { kind: 'dead-letter', reasons: letters.map(({ reason }) => reason) }
}
