/** The sink role under fault: Kafka to a ClickHouse by URL, and the places where the suite ends it. Argument: JSON of SinkProcessOptions. */
import process from 'node:process'
import { metrics } from '@opentelemetry/api'
import { createPayloadPreparation } from '../../../cli/instance/payload-preparation.ts'
import { openKafkaConsumer } from '../../../ingest/bus/kafka/consumer/kafka-consumer.ts'
import { defaultOtlpLimits } from '../../../ingest/otlp/limits.ts'
import { createSink } from '../../../ingest/sink/sink.ts'
import type { ProtocolStep } from '../../../ingest/sink/steps.ts'
import { systemClock } from '../../../lib/clock.ts'
import { silentLogger } from '../../../lib/logger.ts'
import { createStore } from '../../../store/client/create-store.ts'
import { payloadInserts } from '../../../store/tables/payload-inserts.ts'
import { kafkaOptions } from '../../factories/kafka-bus.ts'
import { defaultLayerSources } from '../../factories/store.ts'
import { reroute } from './reroute.ts'
import { stepClock } from './step-clock.ts'

export interface SinkProcessOptions {
  readonly brokers: readonly string[]
  readonly storeUrl: string
  readonly staging: string
  readonly sessionTimeoutMs: number
  /** Ends the process with SIGKILL the `nth` time it comes to this step. */
  readonly dieAt?: { readonly step: ProtocolStep; readonly nth: number }
  /** Halts the process with SIGSTOP the `nth` time it comes to this step. */
  readonly haltAt?: { readonly step: ProtocolStep; readonly nth: number }
  readonly wires?: Readonly<Record<string, number>>
}
export type SinkAnswers =
  | { readonly kind: 'ready' }
  | { readonly kind: 'clock' }
  /** It halts now. */
  | { readonly kind: 'halted' }
  /** Records that were gone from the bus before they were stored, since the last time it said so. */
  | { readonly kind: 'gap'; readonly records: number }

const options = JSON.parse(process.argv[2] ?? '{}') as SinkProcessOptions
if (options.wires !== undefined) reroute(options.wires)

const visits = new Map<string, number>()
const isTime = (at: SinkProcessOptions['dieAt'], step: ProtocolStep): boolean => {
  if (step !== at?.step) return false
  const count = (visits.get(step) ?? 0) + 1
  visits.set(step, count)
  return count === at.nth
}
const onStep = async (step: ProtocolStep) => {
  if (isTime(options.dieAt, step)) process.kill(process.pid, 'SIGKILL')
  if (!isTime(options.haltAt, step)) return
  await new Promise(resolve => process.send?.({ kind: 'halted' } satisfies SinkAnswers, resolve))
  process.kill(process.pid, 'SIGSTOP')
}

const store = await createStore({
  kind: 'remote',
  url: options.storeUrl,
  username: 'default',
  password: '',
  database: 'default',
})
const half = await openKafkaConsumer(kafkaOptions(options.brokers, { sessionTimeoutMs: options.sessionTimeoutMs }))
const sink = createSink({
  consumer: half.consumer,
  payloads: store.payloads,
  writer: store.writer,
  inserts: payloadInserts(defaultLayerSources),
  prepare: createPayloadPreparation(defaultOtlpLimits),
  stagingDirectory: options.staging,
  clock: systemClock,
  logger: silentLogger,
  meter: metrics.getMeter('faults'),
  bounds: { maxBytes: 1e6, maxRecords: 2000, fullBytes: 100_000, lingerMs: 20 },
  onStep,
})
sink.start()
process.send?.({ kind: 'ready' } satisfies SinkAnswers)

let gaps = 0
setInterval(() => {
  const { dropped } = sink.stats()
  if (dropped > gaps) process.send?.({ kind: 'gap', records: dropped - gaps } satisfies SinkAnswers)
  gaps = dropped
}, 100)

process.on('message', (message: { kind: 'clock'; stepMs: number }) => {
  stepClock(message.stepMs)
  process.send?.({ kind: 'clock' } satisfies SinkAnswers)
})
process.on('disconnect', () => process.exit(0))
process.on('SIGTERM', async () => {
  await sink.stop()
  await half.close()
  await store.close()
  process.exit(0)
})
