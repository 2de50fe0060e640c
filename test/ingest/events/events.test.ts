import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { createNoopMeter } from '@opentelemetry/api'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createPayloadPreparation } from '../../../cli/instance/payload-preparation.ts'
import { type Bus, topics } from '../../../ingest/bus/bus.ts'
import { openSegmentLog } from '../../../ingest/bus/segment-log/segment-log.ts'
import { createEventAcceptor } from '../../../ingest/events/accept-events.ts'
import { defaultOtlpLimits } from '../../../ingest/otlp/limits.ts'
import { createSink, type Sink } from '../../../ingest/sink/sink.ts'
import { systemClock } from '../../../lib/clock.ts'
import { silentLogger } from '../../../lib/logger.ts'
import { payloadInserts } from '../../../store/tables/payload-inserts.ts'
import { startApi } from '../../api/api-under-test.ts'
import { defaultLayerSources, openStoreUnderTest, type StoreUnderTest } from '../../factories/store.ts'

let under: StoreUnderTest
let bus: Bus
let sink: Sink
const receivedAtMs = Date.now()

beforeAll(async () => {
  under = await openStoreUnderTest()
  bus = await openSegmentLog({ directory: join(under.folder, 'bus') })
  sink = createSink({
    consumer: bus.consumer,
    payloads: under.store.payloads,
    writer: under.store.writer,
    inserts: payloadInserts(defaultLayerSources),
    prepare: createPayloadPreparation(defaultOtlpLimits),
    stagingDirectory: join(under.folder, 'staging'),
    clock: systemClock,
    logger: silentLogger,
    meter: createNoopMeter(),
    bounds: { maxBytes: 1e7, maxRecords: 1000, fullBytes: 1e6, lingerMs: 5 },
  })
  sink.start()
})
afterAll(async () => {
  await sink.stop()
  await bus.close()
  await under.close()
})

const acceptor = () => {
  const clock = { ...systemClock, now: () => receivedAtMs }
  return createEventAcceptor({ producer: bus.producer, clock, meter: createNoopMeter() })
}

/** Posts and waits until it is stored. */
async function post(...events: readonly Record<string, unknown>[]): Promise<number> {
  const accept = acceptor()
  const headers = { 'content-type': 'application/cloudevents-batch+json' }
  const body = Buffer.from(JSON.stringify(events.map(event => ({ specversion: '1.0', source: '/shop', ...event }))))
  const { accepted } = await accept({ headers, body, source: '10.0.0.7' })
  await stored()
  return accepted
}

async function stored(): Promise<void> {
  for (let tries = 0; bus.producer.pressure().lagRecords > 0; tries++) {
    if (tries > 4800) throw new Error('the sink did not catch up')
    await systemClock.sleep(25)
  }
}

const column = (milliseconds: number) => new Date(milliseconds).toISOString().replace('T', ' ').replace('Z', '')

it('CloudEvents become rows: attributes as columns, extensions and data by their paths, layers from either', async () => {
  const time = new Date(receivedAtMs - 60_000).toISOString()
  const data = { amount: 12.5, cloud: { region: 'eu-1' }, 'service.name': 'checkout', 'k8s.pod.name': 'pod-1' }
  const whole = {
    ...{ id: 'o-1', type: 'order.placed', subject: 'o/1', time, datacontenttype: 'application/json', data },
    ...{ dataschema: 'https://example.com/order', deploymentenvironmentname: 'prod', synthetic: true },
  }
  expect(await post(whole, { id: 'o-2', type: 'order.seen', data_base64: 'AP8=' })).toBe(2)
  const rows = await under.rows(`SELECT * EXCEPT (EventKey, Data), hex(Data) AS Bytes FROM events ORDER BY Id`)
  const none = { Region: '', AvailabilityZone: '', Cluster: '', Node: '', Pod: '', Container: '', Process: '' }
  expect(rows).toEqual([
    {
      ...none,
      ...{ Id: 'o-1', Source: '/shop', Type: 'order.placed', SpecVersion: '1.0', Subject: 'o/1' },
      ...{ Time: `${column(receivedAtMs - 60_000)}000000`, ReceivedAt: column(receivedAtMs) },
      ...{ DataContentType: 'application/json', DataSchema: 'https://example.com/order' },
      Bytes: Buffer.from(JSON.stringify(data)).toString('hex').toUpperCase(),
      Attributes: {
        ...{ deploymentenvironmentname: 'prod', synthetic: 'true', 'data.amount': '12.5' },
        ...{ 'data.cloud.region': 'eu-1', 'data.service.name': 'checkout', 'data.k8s.pod.name': 'pod-1' },
      },
      ResourceAttributes: {
        ...{ 'service.name': 'checkout', synthetic: 'true', 'cloud.region': 'eu-1', 'k8s.pod.name': 'pod-1' },
        'deployment.environment.name': 'prod',
      },
      ...{ ServiceName: 'checkout', Region: 'eu-1', Pod: 'pod-1', Environment: 'prod', Component: '', Synthetic: true },
    },
    {
      ...none,
      ...{ Id: 'o-2', Source: '/shop', Type: 'order.seen', SpecVersion: '1.0', Subject: '' },
      ...{ Time: `${column(receivedAtMs)}000000`, ReceivedAt: column(receivedAtMs) },
      ...{ DataContentType: '', DataSchema: '', Bytes: '00FF', Attributes: {}, ResourceAttributes: {} },
      ...{ ServiceName: '', Environment: '', Component: '', Synthetic: false },
    },
  ])
})

it('a message that holds no CloudEvents becomes a dead letter with its reason, and those around it are stored', async () => {
  const write = (text: string) =>
    bus.producer.produce({ topic: topics.events, value: Buffer.from(text), receivedAtMs, source: 'elsewhere' })
  await Promise.all([
    write(JSON.stringify({ specversion: '1.0', source: '/ci', id: 'd-1', type: 'deployed' })),
    write('{"amount": 5}'),
    write('<xml/>'),
    write(JSON.stringify([{ specversion: '1.0', source: '/ci', id: 'd-2', type: 'deployed', time: 'now' }])),
    write(JSON.stringify([{ specversion: '1.0', source: '/ci', id: 'd-3', type: 'deployed' }])),
  ])
  await stored()
  expect(await under.rows(`SELECT Id FROM events WHERE Source = '/ci' ORDER BY Id`)).toEqual([
    { Id: 'd-1' },
    { Id: 'd-3' },
  ])
  const letters = await under.rows('SELECT Topic, Reason, Message, Source FROM dead_letters FINAL ORDER BY Offset')
  expect(letters).toEqual([
    expect.objectContaining({ Topic: 'ninefold_events', Reason: 'SINK_UNFIT_PAYLOAD', Source: 'elsewhere' }),
    expect.objectContaining({ Message: 'EVENTS_MALFORMED_BODY: JSON is malformed at position 0 of 6' }),
    expect.objectContaining({
      Message: 'EVENTS_INVALID: events[0].time is no RFC 3339 time, such as 2026-11-27T09:30:00.25Z',
    }),
  ])
  expect(letters[0]?.Message).toContain('EVENTS_INVALID: specversion is missing; id is missing')
})

it('POST /api/v1/events takes all three modes with a token, and says in a problem document what it does not take', async () => {
  const api = await startApi({ acceptEvents: acceptor(), tokens: ['sesame'] })
  const authorization = 'Bearer sesame'
  const send = async (headers: Record<string, string>, body: string | Uint8Array<ArrayBuffer>) => {
    const response = await fetch(`${api.url}/api/v1/events`, { method: 'POST', headers, body })
    return { status: response.status, reply: (await response.json()) as Record<string, unknown> }
  }
  const event = (id: string) => ({ specversion: '1.0', source: '/http', id, type: 'seen' })
  const structured = { authorization, 'content-type': 'application/cloudevents+json' }
  const batched = { authorization, 'content-type': 'application/cloudevents-batch+json' }
  const binary = { 'ce-specversion': '1.0', 'ce-source': '/http', 'ce-id': 'h-4', 'ce-type': 'seen' }
  const packed = Uint8Array.from(gzipSync(JSON.stringify([event('h-2'), event('h-3')])))
  const taken = [
    await send(structured, JSON.stringify(event('h-1'))),
    await send({ ...batched, 'content-encoding': 'gzip' }, packed),
    await send({ authorization, 'content-type': 'application/json', ...binary }, '{"n": 1}'),
  ]
  expect(taken).toEqual([1, 2, 1].map(accepted => ({ status: 200, reply: { accepted } })))
  const refused = [
    await send({ 'content-type': 'application/cloudevents+json' }, '{}'),
    await send({ authorization, 'content-type': 'application/json' }, '{}'),
    await send(structured, '{'),
    await send(batched, JSON.stringify([event('h-5'), { ...event('h-6'), time: 'noon' }])),
    await send(structured, JSON.stringify({ ...event('h-7'), data: 'x'.repeat(2 ** 20) })),
  ]
  await api.close()
  expect(refused.map(({ status, reply }) => [status, reply.code])).toEqual([
    [401, 'API_UNAUTHENTICATED'],
    [415, 'EVENTS_UNSUPPORTED_MEDIA_TYPE'],
    [400, 'EVENTS_MALFORMED_BODY'],
    [400, 'EVENTS_INVALID'],
    [413, 'API_BODY_TOO_LARGE'],
  ])
  expect(refused[3]?.reply).toMatchObject({
    retryable: false,
    remedy: expect.stringContaining('CloudEvents 1.0'),
    errors: [{ in: 'body', parameter: 'events[1].time', message: expect.stringContaining('RFC 3339') }],
  })
  await stored()
  expect(await under.rows(`SELECT Id FROM events WHERE Source = '/http' ORDER BY Id`)).toEqual(
    ['h-1', 'h-2', 'h-3', 'h-4'].map(Id => ({ Id })),
  )
})
