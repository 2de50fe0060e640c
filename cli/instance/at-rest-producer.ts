import { join } from 'node:path'
import { createNoopMeter } from '@opentelemetry/api'
import type { Producer } from '../../ingest/bus/bus.ts'
import { openKafkaProducer } from '../../ingest/bus/kafka/producer/kafka-producer.ts'
import { openSegmentLog } from '../../ingest/bus/segment-log/segment-log.ts'
import type { Clock } from '../../lib/clock.ts'
import { silentLogger } from '../../lib/logger.ts'
import type { Shutdown } from '../../lib/shutdown.ts'
import type { Config } from '../config-keys.ts'
import { kafkaSettings } from './kafka-settings.ts'

/** Where a command that runs without an instance puts dead letters again. Brokers are asked when there is something to put: others need none. */
export async function openProducerAtRest(
  config: Config,
  data: string,
  clock: Clock,
  shutdown: Shutdown,
): Promise<Pick<Producer, 'produce'>> {
  if (config.bus === 'embedded') {
    const limits = { retentionBytes: config['retention.busBytes'], retentionSeconds: config['retention.busSeconds'] }
    const bus = await openSegmentLog({ directory: join(data, 'bus'), limits, clock, logger: silentLogger })
    shutdown.register('flush', 'bus', () => bus.close())
    return bus.producer
  }
  const settings = kafkaSettings(config, { clock, logger: silentLogger, meter: createNoopMeter() })
  let opening: ReturnType<typeof openKafkaProducer> | undefined
  shutdown.register('flush', 'bus', async () => {
    await (await opening)?.close()
  })
  return {
    produce: async record => {
      opening ??= openKafkaProducer(settings)
      return (await opening).producer.produce(record)
    },
  }
}
