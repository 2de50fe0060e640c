import type { Clock } from '../../lib/clock.ts'
import { NinefoldError } from '../../lib/errors.ts'
import type { Writer } from '../../store/client/store.ts'
import { listDeadLetters, showDeadLetter } from '../../store/queries/dead-letters.ts'
import { deadLetters } from '../../store/tables/dead-letters.ts'
import { type Producer, type Topic, topics } from '../bus/bus.ts'

/** Payloads that could not become rows: to be looked at, and to be put on the bus again once the cause is mended. */
export function createDeadLetterBox(options: {
  readonly writer: Writer
  readonly producer: Pick<Producer, 'produce'>
  readonly clock: Clock
}) {
  const { writer, producer, clock } = options
  const show = async (id: string) => (await writer.query(showDeadLetter, { id }))[0]
  return {
    list: (limit: number) => writer.query(listDeadLetters, { limit }),
    show,
    /** @returns false when there is none of this id. The letter stays, marked as replayed; if it fails again it is a new one. */
    replay: async (id: string): Promise<boolean> => {
      const letter = await show(id)
      if (letter === undefined) return false
      const topic = Object.values(topics).find((candidate: Topic) => candidate === letter.topic)
      if (topic === undefined) return false
      const now = clock.now()
      const source = `replay of ${id}`
      const record = { topic, value: letter.payload, receivedAtMs: now, source, isDistinct: true }
      const { leftOut, reasons } = await producer.produce(record)
      const { id: Id, partition: Partition, offset: Offset, logId: LogId } = letter
      const { reason: Reason, message: Message, source: Source } = letter
      const times = { ReceivedAt: letter.receivedAtMs, QuarantinedAt: letter.quarantinedAtMs }
      const Payload = letter.payload.toString('base64')
      const row = { Id, Topic: topic, Partition, Offset, LogId, Reason, Message, Source, ...times, Payload }
      await writer.insert(deadLetters, [{ ...row, State: 'replayed' as const, Version: BigInt(now) }])
      // Told after the letter is marked: the rest is on the bus, and would be there twice if it were replayed again.
      if (leftOut > 0) throw new NinefoldError('BUS_RECORD_TOO_LARGE', `${reasons.join('; ')}; the rest is on the bus`)
      return true
    },
  }
}
