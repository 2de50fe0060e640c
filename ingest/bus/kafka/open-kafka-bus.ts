import type { Bus } from '../bus.ts'
import { lagOf } from './consumer/consumer-metrics.ts'
import { openKafkaConsumer } from './consumer/kafka-consumer.ts'
import type { KafkaConsumerOptions, KafkaProducerOptions } from './options.ts'
import { openKafkaProducer } from './producer/kafka-producer.ts'

/** Both halves in one process, each with connections of its own. @throws as each half does. */
export async function openKafkaBus(options: KafkaProducerOptions & KafkaConsumerOptions): Promise<Bus> {
  const producing = await openKafkaProducer(options)
  const consuming = await openKafkaConsumer(options).catch(async error => {
    await producing.close()
    throw error
  })
  const { consumer } = consuming
  return {
    consumer,
    producer: {
      produce: producing.producer.produce,
      pressure: () => ({
        ...producing.producer.pressure(),
        lagRecords: consumer.leases().reduce((sum, lease) => sum + lagOf(lease), 0),
      }),
    },
    ping: async () => {
      await producing.ping()
      await consuming.ping()
    },
    close: async () => {
      await producing.close()
      await consuming.close()
    },
  }
}
