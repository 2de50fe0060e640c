import { createServer } from 'node:net'
import { type Client, status } from '@grpc/grpc-js'
import { afterEach, describe, expect, it } from 'vitest'
import { type Producer, topics } from '../../../ingest/bus/bus.ts'
import type { OtlpGatewayOptions } from '../../../ingest/otlp/gateway.ts'
import { defaultOtlpLimits } from '../../../ingest/otlp/limits.ts'
import type { ListeningGateway } from '../../../ingest/otlp/listening-gateway.ts'
import { NinefoldError } from '../../../lib/errors.ts'
import {
  createGatedProducer,
  createRecordingProducer,
  createTestGateway,
  mendedByOthers,
} from './gateway-under-test.ts'
import { answerTypes, openGrpcClient, paths, send } from './grpc-sender.ts'
import { countItems, decode, encode, everyField, requestTypes, span, traces, tracesPayload } from './sample-payloads.ts'

/** OTLP/gRPC with the library's own client as the sender; what the SDK's exporters send is counted in sdk-exporters.test.ts. */

const gzip = 2

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
  const client = openGrpcClient(gateway, options)
  ends.push(() => client.close())
  return client
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
    const Response = answerTypes.lookupType('Response')
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

  it.each(mendedByOthers)(
    'by a bus that does not take it now gets UNAVAILABLE and when to try again (%s)',
    async (code, seconds) => {
      const producer = createRecordingProducer()
      const client = clientOf(await start(producer))
      producer.refuseWith = new NinefoldError(code, 'broker 10.0.0.7:9092 and user alice')
      const refused = await send(client, paths.metrics, everyField.metrics)
      expect(refused).toMatchObject({ code: status.UNAVAILABLE, retrySeconds: Number(seconds) })
      expect(refused.details).toMatch(new RegExp(`^${code}: the bus does not take it now\\. `))
      producer.refuseWith = null
      expect((await send(client, paths.metrics, everyField.metrics)).code).toBe(0)
    },
  )

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
