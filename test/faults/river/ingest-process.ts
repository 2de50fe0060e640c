/** The ingest role under fault: the OTLP gateway over Kafka. Argument: JSON of IngestOptions. */
import process from 'node:process'
import { metrics } from '@opentelemetry/api'
import { openKafkaProducer } from '../../../ingest/bus/kafka/producer/kafka-producer.ts'
import { createOtlpGateway } from '../../../ingest/otlp/gateway.ts'
import { defaultOtlpLimits } from '../../../ingest/otlp/limits.ts'
import { systemClock } from '../../../lib/clock.ts'
import { silentLogger } from '../../../lib/logger.ts'
import { kafkaOptions } from '../../factories/kafka-bus.ts'
import { withoutAnswer } from '../without-answer.ts'
import { stepClock } from './step-clock.ts'

export interface IngestOptions {
  readonly brokers: readonly string[]
  readonly port: number
  /** Ends the process with SIGKILL when so many payloads are durable, before the sender of the last of them is told. */
  readonly dieUnanswered?: number
}
export type IngestAnswers = { readonly kind: 'ready' } | { readonly kind: 'clock' }

const options = JSON.parse(process.argv[2] ?? '{}') as IngestOptions
const half = await openKafkaProducer(kafkaOptions(options.brokers))
const gateway = createOtlpGateway({
  producer: withoutAnswer(half.producer, options.dieUnanswered),
  limits: defaultOtlpLimits,
  tokens: null,
  cors: null,
  clock: systemClock,
  logger: silentLogger,
  meter: metrics.getMeter('faults'),
  maxBytesInFlight: 1e8,
  maxLagBytes: 1e9,
})
const { close } = await gateway.listen('127.0.0.1', options.port)
process.send?.({ kind: 'ready' } satisfies IngestAnswers)

process.on('message', (message: { kind: string; stepMs?: number }) => {
  if (message.kind !== 'clock') return
  stepClock(message.stepMs ?? 0)
  process.send?.({ kind: 'clock' } satisfies IngestAnswers)
})
process.on('disconnect', () => process.exit(0))
process.on('SIGTERM', async () => {
  await close()
  await half.close()
  process.exit(0)
})
