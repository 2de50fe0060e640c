import { join } from 'node:path'
import type { PayloadInsert } from '../../store/client/store.ts'
import { sinkOffsets } from '../../store/tables/sink-offsets.ts'
import type { BatchIntent, TopicPartition } from '../bus/bus.ts'
import { findPoison, probeOneByOne } from './poison.ts'
import { quarantine, readQuarantined } from './quarantine.ts'
import type { SinkParts } from './sink-parts.ts'
import { stageWithout, tokenOf } from './staging.ts'

/** Two starts in a row that ended inside the same range: the engine itself may have died of a payload. */
const carefulFromAttempts = 2

/** One topic partition's way from the bus into the store, one range at a time. */
export interface PartitionWorker {
  /** Finishes a range that an earlier run had announced, if any. */
  recover(): Promise<void>
  /** Stores what is readable now. @returns whether there was anything. */
  step(): Promise<boolean>
}

export function createPartitionWorker(
  parts: SinkParts,
  tp: TopicPartition,
  inserts: readonly PayloadInsert[],
): PartitionWorker {
  const { consumer, clock, bounds } = parts
  const stagedFile = join(parts.stagingDirectory, `${tp.topic}-${tp.partition}.bin`)

  const storeRange = async (intent: BatchIntent, receivedAtMs: number, bytes: number) => {
    const { next } = consumer.committed(tp)
    await parts.onStep('before-intent')
    await consumer.commit(tp, { next, intent })
    await parts.onStep('after-intent')
    const careful = intent.attempts > carefulFromAttempts
    const excluded = new Set(await readQuarantined(parts, tp, intent))
    if (careful) await probeOneByOne(parts, tp, inserts, intent, excluded, stagedFile)
    await insertWithout(excluded, intent)
    await parts.onStep('after-insert')
    const now = clock.now()
    const token = tokenOf(tp, intent)
    const ledger = { Topic: tp.topic, Partition: tp.partition, First: intent.first, Last: intent.last, Bytes: bytes }
    await parts.writer.insert(sinkOffsets, [{ ...ledger, Token: token, InsertedAt: now }], {
      deduplicationToken: token,
    })
    await consumer.commit(tp, { next: intent.last + 1n, intent: null })
    await parts.onStep('after-commit')
    parts.stats.stored(tp, {
      records: Number(intent.last - intent.first) + 1,
      bytes,
      delayMs: clock.now() - receivedAtMs,
    })
  }

  /** Poison is told by a dry run, taken out, and the rest goes in under the range's own token: a replay does the same again. */
  const insertWithout = async (excluded: Set<bigint>, intent: BatchIntent) => {
    for (;;) {
      try {
        await stageWithout(parts, tp, intent, excluded, stagedFile)
        await parts.onStep('after-stage')
        for (const [index, insert] of inserts.entries()) {
          await parts.payloads.insertPayloads(insert, stagedFile, `${tokenOf(tp, intent)}/${insert.table}`)
          if (index === 0) await parts.onStep('after-first-insert')
        }
        return
      } catch (error) {
        const letters = await findPoison(parts, tp, inserts, intent, excluded, stagedFile, error)
        if (letters.length === 0) throw error
        await quarantine(parts, tp, letters)
        for (const { offset } of letters) excluded.add(offset)
      }
    }
  }

  return {
    recover: async () => {
      const { next, intent } = consumer.committed(tp)
      if (intent === null || intent.first !== next) return
      if (intent.suspect !== null) {
        const message = 'the engine ended twice in a row on this payload'
        await quarantine(parts, tp, [{ offset: intent.suspect, reason: 'SINK_ENGINE_CRASH', message }])
      }
      const batch = await consumer.readRange(tp, intent.first, intent.last)
      parts.logger.info(
        { topic: tp.topic, first: intent.first, last: intent.last, attempts: intent.attempts },
        'replaying a range',
      )
      await storeRange(
        { ...intent, attempts: intent.attempts + 1, suspect: null },
        batch.oldestReceivedAtMs,
        batch.bytes,
      )
    },
    step: async () => {
      const { next } = consumer.committed(tp)
      const batch = await consumer.read(tp, next, bounds)
      if (batch === null) return false
      const ageMs = clock.now() - batch.oldestReceivedAtMs
      if (batch.bytes < bounds.fullBytes && ageMs < bounds.lingerMs) {
        await clock.sleep(bounds.lingerMs - Math.max(0, ageMs), parts.signal)
        return true
      }
      await storeRange(
        { first: batch.first, last: batch.last, attempts: 1, suspect: null },
        batch.oldestReceivedAtMs,
        batch.bytes,
      )
      return true
    },
  }
}
