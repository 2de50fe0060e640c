import { metrics } from '@opentelemetry/api'
import {
  defaultKafkaOptions,
  type KafkaConsumerOptions,
  type KafkaProducerOptions,
} from '../../ingest/bus/kafka/options.ts'
import { systemClock } from '../../lib/clock.ts'
import { silentLogger } from '../../lib/logger.ts'

/** Options for both halves against brokers of a test; sessions are short, so that a lost member is soon replaced. */
export function kafkaOptions(
  brokers: readonly string[],
  changes: Partial<KafkaProducerOptions & KafkaConsumerOptions> = {},
): KafkaProducerOptions & KafkaConsumerOptions {
  return {
    ...defaultKafkaOptions,
    brokers,
    clientId: 'ninefold-test',
    tls: null,
    sasl: null,
    clock: systemClock,
    logger: silentLogger,
    meter: metrics.getMeter('test'),
    createTopics: { partitions: 3, replicationFactor: -1 },
    groupId: 'ninefold-sink',
    instanceId: null,
    sessionTimeoutMs: 6000,
    ...changes,
  }
}
