import { createServer } from 'node:net'
import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js'
import protobuf from 'protobufjs'
import { afterEach, describe, expect, it } from 'vitest'
import { type Producer, topics } from '../../../ingest/bus/bus.ts'
import type { OtlpGatewayOptions } from '../../../ingest/otlp/gateway.ts'
import { defaultOtlpLimits } from '../../../ingest/otlp/limits.ts'
import type { ListeningGateway } from '../../../ingest/otlp/listening-gateway.ts'
import { NinefoldError } from '../../../lib/errors.ts'
import { createGatedProducer, createRecordingProducer, createTestGateway } from './gateway-under-test.ts'
import { countItems, decode, encode, everyField, requestTypes, span, traces, tracesPayload } from './sample-payloads.ts'

/** OTLP/gRPC with the library's own client as the sender; what the SDK's exporters send is counted in sdk-exporters.test.ts. */

const paths = {
  traces: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
} as const
const gzip = 2

const { root } = protobuf.parse(
  `syntax = "proto3";
message Duration { int64 seconds = 1; int32 nanos = 2; }
message RetryInfo { Duration retry_delay = 1; }
message Any { string type_url = 1; bytes value = 2; }
message Status { int32 code = 1; string message = 2; repeated Any details = 3; }
message Partial { int64 rejected = 1; string error_message = 2; }
message Response { Partial partial_success = 1; }`,
  { keepCase: true },
)

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

async function start(producer: Producer, options: Partial<OtlpGatewayOptions> = {}): Promise<ListeningGateway> {
  const gateway = await createTestGateway(producer, options).listenGrpc('127.0.0.1', 0)
  ends.push(() => gateway.close())
  return gateway
}

function clientOf(gateway: ListeningGateway, options: Record<string, number> = {}): Client {
  const client = new Client(gateway.address.replace('http://', ''), credentials.createInsecure(), options)
  ends.push(() => client.close())
  return client
}

const same = (bytes: Buffer): Buffer => bytes

interface Answer {
  readonly code: number
  readonly details: string
  /** Seconds until it makes sense to try again, from the status' RetryInfo. */
  readonly retrySeconds: number | null
  readonly body: Buffer
}

function send(
  client: Client,
  path: string,
  payload: Uint8Array,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const metadata = new Metadata()
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value)
  return new Promise(resolve => {
    client.makeUnaryRequest(path, same, same, Buffer.from(payload), metadata, (error, body) =>
      resolve(
        error === null ? { code: 0, details: '', retrySeconds: null, body: body ?? Buffer.alloc(0) } : told(error),
      ),
    )
  })
}

function told({ code, details, metadata }: ServiceError): Answer {
  const [packed] = metadata.get('grpc-status-details-bin')
  const plain = (type: string, bytes: Uint8Array) =>
    root.lookupType(type).toObject(root.lookupType(type).decode(bytes), { longs: Number })
  const answer = { code, details, retrySeconds: null, body: Buffer.alloc(0) }
  if (!Buffer.isBuffer(packed)) return answer
  const rich = plain('Status', packed)
  expect({ code: rich.code, message: rich.message }).toEqual({ code, message: details })
  const [any] = rich.details ?? []
  if (any === undefined) return answer
  expect(any.type_url).toBe('type.googleapis.com/google.rpc.RetryInfo')
  return { ...answer, retrySeconds: plain('RetryInfo', any.value).retry_delay.seconds }
}

describe('an accepted export', () => {
  it.each(['traces', 'logs', 'metrics'] as const)(
    'reaches the topic of its signal byte for byte (%s)',
    async signal => {
      const producer = createRecordingProducer()
      const client = clientOf(await start(producer))
      const payload = everyField[signal]
      expect(await send(client, paths[signal], payload)).toMatchObject({ code: 0, body: Buffer.alloc(0) })
      const [record] = producer.records
      expect(record).toMatchObject({ topic: topics[signal], source: '127.0.0.1' })
      const { value = new Uint8Array() } = record ?? {}
      expect(countItems(decode(requestTypes[signal], value))).toBe(countItems(decode(requestTypes[signal], payload)))
    },
  )

  it('may be compressed, and is stored plain', async () => {
    const producer = createRecordingProducer()
    const client = clientOf(await start(producer), { 'grpc.default_compression_algorithm': gzip })
    const payload = tracesPayload(500)
    expect((await send(client, paths.traces, payload)).code).toBe(0)
    expect(Buffer.compare(Buffer.from(producer.records[0]?.value ?? []), Buffer.from(payload))).toBe(0)
  })

  it('is answered only after the bus has the bytes, also while the gateway closes', async () => {
    const { producer, entered, open } = createGatedProducer()
    const gateway = await start(producer)
    let answered = false
    const answer = send(clientOf(gateway), paths.traces, tracesPayload(1)).then(result => {
      answered = true
      return result
    })
    await entered
    const closed = gateway.close()
    expect(answered).toBe(false)
    open()
    expect((await answer).code).toBe(0)
    await closed
    expect((await send(clientOf(gateway), paths.traces, tracesPayload(1))).code).toBe(status.UNAVAILABLE)
  })

  it('is told by a partial success what was replaced', async () => {
    const client = clientOf(await start(createRecordingProducer()))
    const impossible = encode(requestTypes.traces, traces([{ ...span(0), end_time_unix_nano: '18446744073709551615' }]))
    const { code, body } = await send(client, paths.traces, impossible)
    expect(code).toBe(0)
    const Response = root.lookupType('Response')
    const { partial_success: partial } = Response.toObject(Response.decode(body), { longs: Number })
    expect(partial.error_message).toMatch(/timestamps are out of range/)
  })
})

describe('a refused export', () => {
  it('without a known token gets UNAUTHENTICATED', async () => {
    const producer = createRecordingProducer()
    const client = clientOf(await start(producer, { tokens: ['right'] }))
    for (const headers of [{}, { authorization: 'Bearer wrong' }]) {
      const { code, details } = await send(client, paths.traces, tracesPayload(1), headers)
      expect([code, details]).toEqual([status.UNAUTHENTICATED, expect.stringContaining('OTLP_UNAUTHENTICATED')])
    }
    expect(producer.records).toEqual([])
    expect((await send(client, paths.traces, tracesPayload(1), { authorization: 'Bearer right' })).code).toBe(0)
  })

  it('that is malformed gets INVALID_ARGUMENT with the byte, and the next good one is counted', async () => {
    const producer = createRecordingProducer()
    const client = clientOf(await start(producer))
    const payload = tracesPayload(3)
    const { code, details, retrySeconds } = await send(client, paths.traces, payload.subarray(0, payload.length - 1))
    expect([code, retrySeconds]).toEqual([status.INVALID_ARGUMENT, null])
    expect(details).toMatch(/^OTLP_MALFORMED_BODY: .*byte \d+/)
    expect((await send(client, paths.traces, payload)).code).toBe(0)
    expect(producer.records).toHaveLength(1)
  })

  it('to an unknown service gets UNIMPLEMENTED', async () => {
    const client = clientOf(await start(createRecordingProducer()))
    const profiles = '/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export'
    expect((await send(client, profiles, Buffer.alloc(0))).code).toBe(status.UNIMPLEMENTED)
  })

  it('of a message too large gets RESOURCE_EXHAUSTED, announced or only after inflating', async () => {
    const producer = createRecordingProducer()
    const gateway = await start(producer, { limits: { ...defaultOtlpLimits, maxBodyBytes: 100_000 } })
    const zeros = Buffer.alloc(50_000_000)
    expect(await send(clientOf(gateway), paths.traces, zeros.subarray(0, 100_001))).toMatchObject({
      code: status.RESOURCE_EXHAUSTED,
      retrySeconds: null,
    })
    const bomb = clientOf(gateway, { 'grpc.default_compression_algorithm': gzip })
    expect((await send(bomb, paths.traces, zeros)).code).toBe(status.RESOURCE_EXHAUSTED)
    expect((await send(clientOf(gateway), paths.traces, tracesPayload(1))).code).toBe(0)
    expect(producer.records).toHaveLength(1)
  })

  it('under back-pressure gets UNAVAILABLE and when to try again', async () => {
    const producer = createRecordingProducer()
    const client = clientOf(await start(producer, { maxLagBytes: 1000 }))
    producer.pressureNow = { bytesInFlight: 0, lagBytes: 1001, lagRecords: 1 }
    expect(await send(client, paths.logs, everyField.logs)).toMatchObject({ code: status.UNAVAILABLE, retrySeconds: 1 })
    producer.pressureNow = { bytesInFlight: 0, lagBytes: 0, lagRecords: 0 }
    producer.refuseWith = new NinefoldError('DISK_FULL', 'no space left')
    expect(await send(client, paths.logs, everyField.logs)).toMatchObject({
      code: status.UNAVAILABLE,
      retrySeconds: 30,
    })
    producer.refuseWith = new Error('EIO')
    expect(await send(client, paths.logs, everyField.logs)).toMatchObject({ code: status.UNAVAILABLE, retrySeconds: 1 })
  })

  it('shares the bound of bytes in flight with OTLP/HTTP', async () => {
    const { producer, entered, open } = createGatedProducer()
    const payload = tracesPayload(10)
    const gateway = createTestGateway(producer, { maxBytesInFlight: payload.length + 10 })
    const http = await gateway.listen('127.0.0.1', 0)
    const grpc = await gateway.listenGrpc('127.0.0.1', 0)
    ends.push(
      () => http.close(),
      () => grpc.close(),
    )
    const first = send(clientOf(grpc), paths.traces, payload)
    await entered
    const headers = { 'content-type': 'application/x-protobuf' }
    const second = await fetch(`${http.address}/v1/traces`, { method: 'POST', headers, body: Buffer.from(payload) })
    expect(second.status).toBe(429)
    expect(await send(clientOf(grpc), paths.traces, payload)).toMatchObject({
      code: status.UNAVAILABLE,
      retrySeconds: 1,
    })
    open()
    expect((await first).code).toBe(0)
  })
})

describe('listening', () => {
  it('says so when the port is taken, and needs tokens beyond loopback', async () => {
    const other = createServer()
    await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve))
    ends.push(() => other.close())
    const address = other.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const gateway = createTestGateway(createRecordingProducer())
    await expect(gateway.listenGrpc('127.0.0.1', port)).rejects.toMatchObject({ code: 'PORT_IN_USE' })
    await expect(gateway.listenGrpc('0.0.0.0', 0)).rejects.toMatchObject({ code: 'LISTEN_WITHOUT_TOKENS' })
  })
})
