import { metrics } from '@opentelemetry/api'
import { expect } from 'vitest'
import { allKept, type BusPressure, type Produced, type ProduceRecord, type Producer } from '../../../ingest/bus/bus.ts'
import { createOtlpGateway, type OtlpGateway, type OtlpGatewayOptions } from '../../../ingest/otlp/gateway.ts'
import { defaultOtlpLimits } from '../../../ingest/otlp/limits.ts'
import type { ListeningGateway } from '../../../ingest/otlp/listening-gateway.ts'
import { systemClock } from '../../../lib/clock.ts'
import type { ErrorCode } from '../../../lib/errors.ts'
import { silentLogger } from '../../../lib/logger.ts'

/** Remembers what the gateway hands over, and can be told to refuse or to be under pressure. */
export interface RecordingProducer extends Producer {
  readonly records: ProduceRecord[]
  pressureNow: BusPressure
  refuseWith: Error | null
  leavesOut: Produced
}

export function createRecordingProducer(): RecordingProducer {
  const records: ProduceRecord[] = []
  const producer: RecordingProducer = {
    records,
    pressureNow: { bytesInFlight: 0, lagBytes: 0, lagRecords: 0 },
    refuseWith: null,
    leavesOut: allKept,
    produce: async record => {
      if (producer.refuseWith !== null) throw producer.refuseWith
      records.push(record)
      return producer.leavesOut
    },
    pressure: () => producer.pressureNow,
  }
  return producer
}

/** What a bus may refuse with though nothing is wrong with the payload, and the seconds after which its sender shall try again. */
export const mendedByOthers: readonly (readonly [ErrorCode, string])[] = [
  ['BUS_WRITE_FAILED', '5'],
  ['BUS_UNREACHABLE', '5'],
  ['BUS_BROKER_ERROR', '5'],
  ['BUS_ACCESS_DENIED', '30'],
  ['BUS_TLS_REFUSED', '30'],
  ['BUS_BROKER_TOO_OLD', '30'],
  ['BUS_TOPIC_MISSING', '30'],
  ['DATA_DIR_NOT_WRITABLE', '30'],
]

/** Holds every payload back until it is opened, and says when the first has come. */
export function createGatedProducer() {
  const gate = Promise.withResolvers<Produced>()
  const entered = Promise.withResolvers<void>()
  const producer: Producer = {
    ...createRecordingProducer(),
    produce: () => {
      entered.resolve()
      return gate.promise
    },
  }
  return { producer, entered: entered.promise, open: () => gate.resolve(allKept) }
}

export function createTestGateway(producer: Producer, options: Partial<OtlpGatewayOptions> = {}): OtlpGateway {
  return createOtlpGateway({
    producer,
    limits: defaultOtlpLimits,
    tokens: null,
    cors: null,
    clock: systemClock,
    logger: silentLogger,
    meter: metrics.getMeter('test'),
    maxBytesInFlight: 64 * 1024 * 1024,
    maxLagBytes: 1024 * 1024 * 1024,
    ...options,
  })
}

export async function startGateway(
  producer: Producer,
  options: Partial<OtlpGatewayOptions> = {},
): Promise<ListeningGateway> {
  return createTestGateway(producer, options).listen('127.0.0.1', 0)
}

export interface Sent {
  readonly status: number
  readonly headers: Headers
  readonly body: Buffer
}

export const protobufType = { 'content-type': 'application/x-protobuf' }
export const jsonType = { 'content-type': 'application/json' }

export async function post(
  url: string,
  body: Uint8Array | string,
  headers: Record<string, string> = protobufType,
): Promise<Sent> {
  const response = await fetch(url, {
    method: 'POST',
    headers,
    body: typeof body === 'string' ? body : Buffer.from(body),
  })
  return { status: response.status, headers: response.headers, body: Buffer.from(await response.arrayBuffer()) }
}

/** google.rpc.Status read by hand: code (1) then message (2). */
export function protobufStatus(sent: Sent): { code: number; message: string } {
  const [codeTag, code = 0, messageTag] = sent.body
  expect([codeTag, messageTag]).toEqual([0x08, 0x12])
  const wide = (sent.body[3] ?? 0) >= 0x80
  return { code, message: sent.body.subarray(wide ? 5 : 4).toString() }
}
