import { Kafka, logLevel } from 'kafkajs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { KafkaProducerOptions } from '../../../../ingest/bus/kafka/options.ts'
import { openKafkaProducer } from '../../../../ingest/bus/kafka/producer/kafka-producer.ts'
import { type KafkaCluster, startKafka } from '../../../factories/kafka-broker.ts'
import { kafkaOptions } from '../../../factories/kafka-bus.ts'
import { createTestGateway, post, protobufStatus } from '../../otlp/gateway-under-test.ts'
import { openGrpcClient, paths, send } from '../../otlp/grpc-sender.ts'
import { tracesOf } from '../../otlp/sample-payloads.ts'

/** Both doors of the gateway over a real broker that is away, halted, or takes less than a message. */

const topic = 'otlp_spans'
const unavailable = 14

let kafka: KafkaCluster
const ends: (() => unknown)[] = []

beforeAll(async () => {
  kafka = await startKafka()
})
afterAll(() => kafka.close())
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

async function openDoors(changes: Partial<KafkaProducerOptions>) {
  const { producer, close } = await openKafkaProducer(kafkaOptions(kafka.addresses, changes))
  const gateway = createTestGateway(producer)
  const [http, grpc] = await Promise.all([gateway.listen('127.0.0.1', 0), gateway.listenGrpc('127.0.0.1', 0)])
  const client = openGrpcClient(grpc)
  ends.push(close, http.close, grpc.close, () => client.close())
  return {
    producer,
    postSpans: (payload: Uint8Array) => post(`${http.address}/v1/traces`, payload),
    exportSpans: (payload: Uint8Array) => send(client, paths.traces, payload),
  }
}

/** Messages on the topic. */
async function written(): Promise<number> {
  const admin = new Kafka({ brokers: [...kafka.addresses], logLevel: logLevel.NOTHING, clientId: 'test' }).admin()
  await admin.connect()
  try {
    return (await admin.fetchTopicOffsets(topic)).reduce((sum, { high }) => sum + Number(high), 0)
  } finally {
    await admin.disconnect()
  }
}

describe('while the broker is away', () => {
  it('a request is kept by its sender and taken when the broker is back, once', async () => {
    // Long enough for a broker that has just started: a delivery given up while it was answering would be there twice.
    const { postSpans, exportSpans } = await openDoors({ deliveryTimeoutMs: 10_000 })
    const payload = tracesOf('away', 0, 10)
    expect((await postSpans(payload)).status).toBe(200)
    const before = await written()
    const [broker] = kafka.brokers
    await broker?.signal('SIGKILL')
    const [refused, refusedCall] = await Promise.all([postSpans(payload), exportSpans(payload)])
    expect([refused.status, refused.headers.get('retry-after'), protobufStatus(refused).code]).toEqual([
      503,
      '5',
      unavailable,
    ])
    expect(protobufStatus(refused).message).toMatch(/^BUS_WRITE_FAILED: /)
    expect(refusedCall).toMatchObject({ code: unavailable, retrySeconds: 5 })
    await broker?.start()
    await expect.poll(async () => (await postSpans(payload)).status, { timeout: 60_000 }).toBe(200)
    await expect.poll(async () => (await exportSpans(payload)).code, { timeout: 60_000 }).toBe(0)
    expect((await written()) - before).toBe(2)
  })

  it('a gateway that has never seen one answers the same', async () => {
    const [broker] = kafka.brokers
    await broker?.signal('SIGKILL')
    const { postSpans } = await openDoors({ deliveryTimeoutMs: 1000 })
    const payload = tracesOf('never-seen', 0)
    const refused = await postSpans(payload)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5'])
    expect(protobufStatus(refused).message).toMatch(/^BUS_UNREACHABLE: the bus does not take it now\. /)
    await broker?.start()
    await expect.poll(async () => (await postSpans(payload)).status, { timeout: 60_000 }).toBe(200)
  })
})

describe('while the broker is halted', () => {
  it('no more than kafka.maxInFlightBytes wait for it, what is sent beyond gets 503, and all goes on when it is back', async () => {
    const payload = tracesOf('halted', 0, 20)
    const maxInFlightBytes = 5 * payload.length
    const { producer, postSpans, exportSpans } = await openDoors({ maxInFlightBytes, deliveryTimeoutMs: 120_000 })
    expect((await postSpans(payload)).status).toBe(200)
    const before = await written()
    const inFlight = () => producer.pressure().bytesInFlight
    const [broker] = kafka.brokers
    await broker?.signal('SIGSTOP')
    const waiting = Array.from({ length: 5 }, () => postSpans(payload))
    await expect.poll(inFlight).toBe(maxInFlightBytes)
    for (let more = 0; more < 20; more++) {
      const [refused, refusedCall] = await Promise.all([postSpans(payload), exportSpans(payload)])
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1'])
      expect(protobufStatus(refused).message).toMatch(/^BUS_BACK_PRESSURE: /)
      expect(refusedCall).toMatchObject({ code: unavailable, retrySeconds: 1 })
      expect(inFlight()).toBe(maxInFlightBytes)
    }
    await broker?.signal('SIGCONT')
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
    expect(inFlight()).toBe(0)
    expect((await postSpans(payload)).status).toBe(200)
    expect((await exportSpans(payload)).code).toBe(0)
    expect((await written()) - before).toBe(7)
  })
})
