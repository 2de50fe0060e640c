import { Kafka, logLevel } from 'kafkajs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Topic, topics } from '../../../../ingest/bus/bus.ts'
import type { KafkaProducerOptions } from '../../../../ingest/bus/kafka/options.ts'
import { openKafkaProducer } from '../../../../ingest/bus/kafka/producer/kafka-producer.ts'
import { type KafkaCluster, startKafka } from '../../../factories/kafka-broker.ts'
import { kafkaOptions } from '../../../factories/kafka-bus.ts'
import { createTestGateway, post, protobufStatus } from '../../otlp/gateway-under-test.ts'
import { answerTypes, openGrpcClient, paths, send } from '../../otlp/grpc-sender.ts'
import { decode, encode, logs, requestTypes, span, traces, tracesOf } from '../../otlp/sample-payloads.ts'

/** Both doors of the gateway over a real broker that is away, halted, or takes less than a message. */

const unavailable = 14
/** Of the topic of logs alone. */
const logsMessageBytes = 4000

let kafka: KafkaCluster
const ends: (() => unknown)[] = []

beforeAll(async () => {
  kafka = await startKafka()
  const admin = foreignClient().admin()
  await admin.connect()
  await admin.createTopics({
    topics: Object.values(topics).map(topic => ({
      topic,
      numPartitions: 1,
      replicationFactor: 1,
      configEntries: topic === topics.logs ? [{ name: 'max.message.bytes', value: String(logsMessageBytes) }] : [],
    })),
  })
  await admin.disconnect()
})
afterAll(() => kafka.close())
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

async function openDoors(changes: Partial<KafkaProducerOptions>) {
  // Not packed, so that a message has the size that it was cut to, and kafkajs can read it.
  const options = kafkaOptions(kafka.addresses, { compression: 'none', ...changes })
  const { producer, close } = await openKafkaProducer(options)
  const gateway = createTestGateway(producer)
  const [http, grpc] = await Promise.all([gateway.listen('127.0.0.1', 0), gateway.listenGrpc('127.0.0.1', 0)])
  const client = openGrpcClient(grpc)
  ends.push(close, http.close, grpc.close, () => client.close())
  return {
    producer,
    postLogs: (payload: Uint8Array) => post(`${http.address}/v1/logs`, payload),
    postSpans: (payload: Uint8Array) => post(`${http.address}/v1/traces`, payload),
    exportSpans: (payload: Uint8Array) => send(client, paths.traces, payload),
  }
}

/** What is done while the broker is away, which is back afterwards. */
async function whileAway(work: () => Promise<void>): Promise<void> {
  const [broker] = kafka.brokers
  await broker?.signal('SIGKILL')
  try {
    await work()
  } finally {
    await broker?.start()
  }
}

const foreignClient = () => new Kafka({ brokers: [...kafka.addresses], logLevel: logLevel.NOTHING, clientId: 'test' })

/** Messages on the topic. */
async function written(topic: Topic = 'otlp_spans'): Promise<number> {
  const admin = foreignClient().admin()
  await admin.connect()
  try {
    return (await admin.fetchTopicOffsets(topic)).reduce((sum, { high }) => sum + Number(high), 0)
  } finally {
    await admin.disconnect()
  }
}

/** Values of the messages of a topic's one partition, from the offset on, in order. */
async function valuesFrom(topic: Topic, offset: number): Promise<readonly Buffer[]> {
  const end = await written(topic)
  const consumer = foreignClient().consumer({ groupId: `reader-of-${topic}-${offset}` })
  const values: Buffer[] = []
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await consumer.run({
    eachMessage: async ({ message }) => {
      if (Number(message.offset) >= offset && message.value !== null) values.push(message.value)
    },
  })
  await expect.poll(() => values.length, { timeout: 60_000 }).toBe(end - offset)
  await consumer.disconnect()
  return values
}

const linesIn = (values: readonly Buffer[]): readonly string[] =>
  values.flatMap(value => JSON.stringify(decode(requestTypes.logs, value)).match(/line-\w+/g) ?? [])

const namesIn = (values: readonly Buffer[]): readonly string[] =>
  values.flatMap(value => JSON.stringify(decode(requestTypes.traces, value)).match(/(?<="name":")[^"]+/g) ?? [])

/** Number of rejected items and the message of a 200. */
function partialSuccess(body: Buffer): { rejected: number; error_message: string } {
  const Response = answerTypes.lookupType('Response')
  return Response.toObject(Response.decode(body), { longs: Number, defaults: true }).partial_success
}

describe('while the broker is away', () => {
  it('a request is kept by its sender and taken when the broker is back, once', async () => {
    // Long enough for a broker that has just started: a delivery given up while it was answering would be there twice.
    const { postSpans, exportSpans } = await openDoors({ deliveryTimeoutMs: 10_000 })
    const payload = tracesOf('away', 0, 10)
    expect((await postSpans(payload)).status).toBe(200)
    const before = await written()
    await whileAway(async () => {
      const [refused, refusedCall] = await Promise.all([postSpans(payload), exportSpans(payload)])
      expect([refused.status, refused.headers.get('retry-after'), protobufStatus(refused).code]).toEqual([
        503,
        '5',
        unavailable,
      ])
      expect(protobufStatus(refused).message).toMatch(/^BUS_WRITE_FAILED: /)
      expect(refusedCall).toMatchObject({ code: unavailable, retrySeconds: 5 })
    })
    await expect.poll(async () => (await postSpans(payload)).status, { timeout: 60_000 }).toBe(200)
    await expect.poll(async () => (await exportSpans(payload)).code, { timeout: 60_000 }).toBe(0)
    expect((await written()) - before).toBe(2)
  })

  it('a gateway that has never seen one answers the same', async () => {
    const payload = tracesOf('never-seen', 0)
    let postSpans: Awaited<ReturnType<typeof openDoors>>['postSpans'] | undefined
    await whileAway(async () => {
      ;({ postSpans } = await openDoors({ deliveryTimeoutMs: 1000 }))
      const refused = await postSpans(payload)
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5'])
      expect(protobufStatus(refused).message).toMatch(/^BUS_UNREACHABLE: the bus does not take it now\. /)
    })
    await expect.poll(async () => (await postSpans?.(payload))?.status, { timeout: 60_000 }).toBe(200)
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
    try {
      await expect.poll(inFlight, { timeout: 60_000 }).toBe(maxInFlightBytes)
      for (let more = 0; more < 20; more++) {
        const [refused, refusedCall] = await Promise.all([postSpans(payload), exportSpans(payload)])
        expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1'])
        expect(protobufStatus(refused).message).toMatch(/^BUS_BACK_PRESSURE: /)
        expect(refusedCall).toMatchObject({ code: unavailable, retrySeconds: 1 })
        expect(inFlight()).toBe(maxInFlightBytes)
      }
    } finally {
      await broker?.signal('SIGCONT')
    }
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
    expect(inFlight()).toBe(0)
    expect((await postSpans(payload)).status).toBe(200)
    expect((await exportSpans(payload)).code).toBe(0)
    expect((await written()) - before).toBe(7)
  })
})

describe('what is larger than a message may be', () => {
  const named = (name: string) => ({ ...span(0), name })
  const payloadOf = (...names: readonly string[]) => encode(requestTypes.traces, traces(names.map(named)))
  const huge = 'x'.repeat(20_000)

  it('is left out at both doors and told, and what came with it is kept', async () => {
    const { postSpans, exportSpans } = await openDoors({ maxMessageBytes: 10_000 })
    const before = await written()
    const payload = payloadOf('before', huge, 'after')
    const sent = await postSpans(payload)
    const call = await exportSpans(payload)
    expect([sent.status, call.code]).toEqual([200, 0])
    for (const body of [sent.body, call.body]) {
      const { rejected, error_message } = partialSuccess(body)
      expect([rejected, error_message]).toEqual([1, expect.stringContaining('kafka.maxMessageBytes')])
    }
    const names = namesIn(await valuesFrom('otlp_spans', before)).filter(name => name !== 'shop')
    expect(names).toEqual(['before', 'after', 'before', 'after'])
  })

  it('is refused when there is nothing else', async () => {
    const { postSpans, exportSpans } = await openDoors({ maxMessageBytes: 10_000 })
    const before = await written()
    const refused = await postSpans(payloadOf(huge, huge))
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([413, null])
    expect(protobufStatus(refused).message).toMatch(
      /^BUS_RECORD_TOO_LARGE: 2 items .* \(kafka\.maxMessageBytes is 10000\)/,
    )
    expect(await exportSpans(payloadOf(huge))).toMatchObject({ code: 8, retrySeconds: null })
    expect(await written()).toBe(before)
  })
})

describe('a topic that takes less than kafka.maxMessageBytes', () => {
  const line = (text: string, bytes: number) => ({ time_unix_nano: '1', body: { string_value: text.padEnd(bytes) } })
  const names = (request: string) => Array.from({ length: 300 }, (_, at) => `line-${request}${at}`)
  const payloadOf = (request: string) =>
    encode(requestTypes.logs, logs(names(request).map((name, at) => line(name, at === 150 ? 6000 : 100))))

  it('gets smaller messages, each resource in order, and what fits into none is told', async () => {
    const { postLogs } = await openDoors({})
    const requests = ['a', 'b', 'c']
    for (const sent of await Promise.all(requests.map(request => postLogs(payloadOf(request))))) {
      expect(sent.status).toBe(200)
      const { rejected, error_message } = partialSuccess(sent.body)
      expect([rejected, error_message]).toEqual([1, expect.stringContaining('max.message.bytes of topic otlp_logs')])
    }
    const values = await valuesFrom(topics.logs, 0)
    for (const value of values) expect(value.length).toBeLessThan(logsMessageBytes)
    const lines = linesIn(values)
    for (const request of requests) {
      const kept = names(request).filter((_, at) => at !== 150)
      expect(lines.filter(name => name.startsWith(`line-${request}`))).toEqual(kept)
    }
  })

  it('refuses what holds nothing smaller, and names its setting', async () => {
    const { postLogs } = await openDoors({})
    const before = await written(topics.logs)
    const refused = await postLogs(encode(requestTypes.logs, logs([line('line-alone', 6000)])))
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([413, null])
    expect(protobufStatus(refused).message).toMatch(
      /^BUS_RECORD_TOO_LARGE: 1 items .*max\.message\.bytes of topic otlp_logs/,
    )
    expect(await written(topics.logs)).toBe(before)
  })
})
