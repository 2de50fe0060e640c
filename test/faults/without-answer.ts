import process from 'node:process'
import type { Producer } from '../../ingest/bus/bus.ts'

/** The bus, except that the process ends when so many payloads are durable, before whoever sent the last of them is told. */
export function withoutAnswer(producer: Producer, dieUnanswered: number | undefined): Producer {
  let durable = 0
  return {
    ...producer,
    produce: async record => {
      const produced = await producer.produce(record)
      if (++durable === dieUnanswered) process.kill(process.pid, 'SIGKILL')
      return produced
    },
  }
}
