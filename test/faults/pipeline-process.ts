/**
 * The part of Ninefold under fault: gateway, segment log, sink and embedded store in one process, as `ninefold up` composes them, plus
 * the places where the suite ends it. Arguments: JSON of ProcessOptions. Tells its port through IPC.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { metrics } from '@opentelemetry/api'
import { openSegmentLog } from '../../ingest/bus/segment-log/segment-log.ts'
import { createOtlpGateway } from '../../ingest/otlp/gateway.ts'
import { defaultOtlpLimits } from '../../ingest/otlp/limits.ts'
import { createSink } from '../../ingest/sink/sink.ts'
import type { ProtocolStep } from '../../ingest/sink/steps.ts'
import { systemClock } from '../../lib/clock.ts'
import { silentLogger } from '../../lib/logger.ts'
import { createStore } from '../../store/client/create-store.ts'
import type { PayloadWriter } from '../../store/client/store.ts'
import { migrate } from '../../store/migrations/migrate.ts'
import { payloadInserts } from '../../store/tables/payload-inserts.ts'
import { defaultLayerSources } from '../factories/store.ts'
import { withoutAnswer } from './without-answer.ts'

export interface ProcessOptions {
  readonly data: string
  readonly bus: string
  /** Ends the process with SIGKILL the `nth` time it comes to this step. */
  readonly dieAt?: { readonly step: ProtocolStep; readonly nth: number }
  /** Ends the process with SIGKILL when so many payloads are durable, before the sender of the last of them is told. */
  readonly dieUnanswered?: number
  /** A payload with these bytes takes the process down inside the engine's call, as a crash of its parser would. */
  readonly deadlyMarker?: string
}

export type ToProcess = { readonly kind: 'lag' } | { readonly kind: 'produce'; readonly base64: string }
export type FromProcess =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'lag'; readonly records: number }
  | { readonly kind: 'produced' }

const options = JSON.parse(process.argv[2] ?? '{}') as ProcessOptions
const tell = (message: FromProcess) => process.send?.(message)

/** The engine, except that a payload with the marker is its last. */
function withDeadlyMarker(payloads: PayloadWriter, marker: string | undefined): PayloadWriter {
  if (marker === undefined) return payloads
  const dieOf = (file: string) => {
    if (readFileSync(file).includes(marker)) process.kill(process.pid, 'SIGKILL')
  }
  return {
    inProcess: payloads.inProcess,
    insertPayloads: async (insert, file, token) => {
      dieOf(file)
      await payloads.insertPayloads(insert, file, token)
    },
    checkPayloads: async (insert, file) => {
      dieOf(file)
      await payloads.checkPayloads(insert, file)
    },
  }
}

let visits = 0
const onStep = (step: ProtocolStep) => {
  if (step === options.dieAt?.step && ++visits >= options.dieAt.nth) process.kill(process.pid, 'SIGKILL')
}

const bus = await openSegmentLog({ directory: options.bus, limits: { segmentBytes: 64 * 1024 } })
const store = await createStore({ kind: 'embedded', path: join(options.data, 'store') })
await migrate(store.writer, { nowMs: Date.now() })
const meter = metrics.getMeter('faults')
const sink = createSink({
  consumer: bus.consumer,
  payloads: withDeadlyMarker(store.payloads, options.deadlyMarker),
  writer: store.writer,
  inserts: payloadInserts(defaultLayerSources),
  stagingDirectory: join(options.data, 'staging'),
  clock: systemClock,
  logger: silentLogger,
  meter,
  bounds: { maxBytes: 1e6, maxRecords: 2000, fullBytes: 100_000, lingerMs: 20 },
  onStep,
})
sink.start()
const gateway = createOtlpGateway({
  producer: withoutAnswer(bus.producer, options.dieUnanswered),
  limits: defaultOtlpLimits,
  tokens: null,
  cors: null,
  clock: systemClock,
  logger: silentLogger,
  meter,
  maxBytesInFlight: 1e8,
  maxLagBytes: 1e9,
})
const { port, close } = await gateway.listen('127.0.0.1', 0)
tell({ kind: 'listening', port })

process.on('message', async (message: ToProcess) => {
  if (message.kind === 'lag') {
    tell({ kind: 'lag', records: bus.producer.pressure().lagRecords })
    return
  }
  const value = Buffer.from(message.base64, 'base64')
  await bus.producer.produce({ topic: 'otlp_spans', value, receivedAtMs: Date.now(), source: 'faults' })
  tell({ kind: 'produced' })
})
process.on('disconnect', () => process.exit(0))
process.on('SIGTERM', async () => {
  await close()
  await sink.stop()
  await bus.close()
  await store.close()
  process.exit(0)
})
