import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { type Topic, topics } from '../../../../ingest/bus/bus.ts'
import { openKafkaBus } from '../../../../ingest/bus/kafka/open-kafka-bus.ts'
import { compressionCodes } from '../../../../ingest/bus/kafka/protocol/compression.ts'
import { startCollector } from '../../../factories/collector.ts'
import { codecOf, recordBatches } from '../../../factories/kafka-batches.ts'
import { type KafkaCluster, startKafka } from '../../../factories/kafka-broker.ts'
import { kafkaOptions } from '../../../factories/kafka-bus.ts'
import { startSharedSink } from '../../../factories/kafka-sink.ts'
import { freePorts } from '../../../factories/ninefold.ts'
import { openStoreUnderTest, type StoreUnderTest } from '../../../factories/store.ts'
import {
  attribute,
  decode,
  encode,
  everyField,
  type Plain,
  requestTypes,
  tracesOf,
} from '../../otlp/sample-payloads.ts'

let kafka: KafkaCluster
let under: StoreUnderTest
const closing: (() => unknown)[] = []

beforeAll(async () => {
  ;[kafka, under] = await Promise.all([startKafka(), openStoreUnderTest()])
})
afterAll(async () => {
  await kafka.close()
  await under.close()
})

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const count = async (table: string) => Number((await under.rows(`SELECT count() AS n FROM ${table}`))[0]?.n)

it.each(['zstd', 'snappy', 'lz4'] as const)(
  'a Collector writes to the topics with %s, and every signal becomes rows',
  async compression => {
    const before = { logs: await count('otel_logs'), metrics: await count('otel_metrics_sum') }
    const bus = await openKafkaBus(kafkaOptions(kafka.addresses))
    closing.push(bus.close)
    const [port = 0] = await freePorts(1)
    const pipeline = { receivers: ['otlp'], exporters: ['kafka'] }
    const collector = await startCollector({
      receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${port}` } } } },
      // Given up and tried again, a message could be there twice.
      exporters: { kafka: { brokers: kafka.addresses, timeout: '60s', producer: { compression } } },
      service: { pipelines: { traces: pipeline, logs: pipeline, metrics: pipeline } },
    })
    closing.push(collector.close)
    const post = async (signal: string, body: Buffer) => {
      const headers = { 'content-type': 'application/x-protobuf' }
      const answer = await fetch(`http://127.0.0.1:${port}/v1/${signal}`, {
        method: 'POST',
        headers,
        body: new Uint8Array(body),
      })
      expect(answer.status).toBe(200)
    }
    for (let at = 0; at < 50; at++) await post('traces', tracesOf(`${compression}-${at % 5}`, at * 10, 10))
    // Each round's own: the same bytes again would be the same telemetry.
    const attributes = [attribute('round', compression)]
    const round = {
      logs: { resource_logs: [{ resource: { attributes } }] },
      metrics: { resource_metrics: [{ resource: { attributes } }] },
    }
    for (const signal of ['logs', 'metrics'] as const)
      await post(signal, Buffer.concat([everyField[signal], encode(requestTypes[signal], round[signal])]))
    const sink = startSharedSink(under, bus.consumer, `staging-${compression}`)
    closing.push(sink.stop)
    const ofThese = `otel_traces WHERE ServiceName LIKE '${compression}-%'`
    await expect.poll(() => count(ofThese), { timeout: 60_000 }).toBe(500)
    await expect.poll(() => count('otel_logs'), { timeout: 60_000 }).toBeGreaterThan(before.logs)
    await expect.poll(() => count('otel_metrics_sum'), { timeout: 60_000 }).toBeGreaterThan(before.metrics)
    expect(
      await under.rows(`SELECT uniqExact(SpanId) AS spans, uniqExact(ServiceName) AS services FROM ${ofThese}`),
    ).toEqual([{ spans: '500', services: '5' }])
    expect(sink.stats()).toMatchObject({ deadLetters: 0 })
    expect((await recordBatches(kafka.addresses, topics.traces)).map(codecOf)).toContain(compressionCodes[compression])
  },
)

it('a Collector reads what Ninefold writes, span for span', async () => {
  const spans: string[] = []
  const server: Server = createServer(async (request, response) => {
    for (const id of spanIds(await buffer(request))) spans.push(id)
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => server.close())
  const { port } = server.address() as AddressInfo
  const collector = await startCollector({
    receivers: { kafka: { brokers: kafka.addresses, group_id: 'collector', initial_offset: 'latest' } },
    exporters: {
      otlphttp: { endpoint: `http://127.0.0.1:${port}`, compression: 'none', tls: { insecure: true } },
    },
    service: { pipelines: { traces: { receivers: ['kafka'], exporters: ['otlphttp'] } } },
  })
  closing.push(collector.close)
  const bus = await openKafkaBus(kafkaOptions(kafka.addresses, { compression: 'gzip', maxMessageBytes: 20_000 }))
  closing.push(bus.close)
  const produce = (at: number) => {
    const record = { topic: topics.traces as Topic, receivedAtMs: Date.now(), source: 'test' }
    // Larger than a message may be, so that it is split on the way.
    return bus.producer.produce({ ...record, value: tracesOf(`pieces-${at}`, at * 100, 100) })
  }
  let produced = 0
  await expect
    .poll(
      async () => {
        // The receiver's position is the end of the log when it has joined: until then nothing arrives.
        if (spans.length === 0) await produce(produced++)
        return spans.length
      },
      { timeout: 60_000, interval: 1000 },
    )
    .toBeGreaterThan(0)
  const before = produced
  for (let at = 0; at < 10; at++) await produce(produced++)
  const wanted = Array.from({ length: 1000 }, (_, at) => (before * 100 + at).toString(16).padStart(8, '0'))
  await expect.poll(() => wanted.filter(id => !spans.includes(id)).length, { timeout: 60_000 }).toBe(0)
  expect(spans.length).toBe(new Set(spans).size)
})

/** The last half of each span's id, which is its number. */
function spanIds(body: Buffer): string[] {
  const text = JSON.stringify(decode('ExportTraceServiceRequest', body) as Plain)
  return [...text.matchAll(/"span_id":"([^"]+)"/g)].map(([, id = '']) =>
    Buffer.from(id, 'base64').toString('hex').slice(8),
  )
}
