import { createNoopMeter } from '@opentelemetry/api'
import { Kafka, logLevel, Partitioners } from 'kafkajs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type ConsumerHalf, type PartitionLease, type Topic, topics } from '../../../../ingest/bus/bus.ts'
import { openKafkaConsumer } from '../../../../ingest/bus/kafka/consumer/kafka-consumer.ts'
import { openKafkaProducer } from '../../../../ingest/bus/kafka/producer/kafka-producer.ts'
import { createEventAcceptor } from '../../../../ingest/events/accept-events.ts'
import { createDeadLetterBox } from '../../../../ingest/sink/dead-letter-box.ts'
import type { Sink } from '../../../../ingest/sink/sink.ts'
import type { ProtocolStep } from '../../../../ingest/sink/steps.ts'
import { systemClock } from '../../../../lib/clock.ts'
import { silentLogger } from '../../../../lib/logger.ts'
import { deadLetters } from '../../../../store/tables/dead-letters.ts'
import { captureLogger } from '../../../factories/captured-logger.ts'
import { type KafkaCluster, startKafka } from '../../../factories/kafka-broker.ts'
import { kafkaOptions } from '../../../factories/kafka-bus.ts'
import { startSharedSink } from '../../../factories/kafka-sink.ts'
import { openStoreUnderTest, type StoreUnderTest } from '../../../factories/store.ts'
import { attribute, encode, metrics, noon, span, tracesOf } from '../../otlp/sample-payloads.ts'

const groups = 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand'
const topic = 'otlp_spans'
const largeMessage = 100 * 1024 * 1024
const timeout = { timeout: 90_000, interval: 50 }

let kafka: KafkaCluster
let under: StoreUnderTest
let foreign: Kafka

beforeAll(async () => {
  const limits = ['message.max.bytes=150000000', 'socket.request.max.bytes=200000000']
  ;[kafka, under] = await Promise.all([startKafka({ properties: limits }), openStoreUnderTest()])
  foreign = new Kafka({ brokers: [...kafka.addresses], logLevel: logLevel.NOTHING, clientId: 'somebody-else' })
  await admin(client =>
    client.createTopics({
      topics: Object.values(topics).map(name => ({
        topic: name,
        numPartitions: 1,
        replicationFactor: 1,
      })),
    }),
  )
})
afterAll(async () => {
  await kafka.close()
  await under.close()
})

async function admin<T>(work: (client: ReturnType<Kafka['admin']>) => Promise<T>): Promise<T> {
  const client = foreign.admin()
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.disconnect()
  }
}

interface ForeignMessage {
  readonly value: Buffer | null
  readonly headers?: Record<string, string>
}

/** As any other program would write it. */
async function write(messages: readonly ForeignMessage[], to: Topic = topic): Promise<void> {
  const producer = foreign.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  await producer.connect()
  await producer.send({ topic: to, messages: messages.map(message => ({ ...message, partition: 0 })) })
  await producer.disconnect()
}

const open: { half: ConsumerHalf; sink: Sink }[] = []

async function join(groupId: string, onStep?: (step: ProtocolStep) => Promise<void> | void, logger = silentLogger) {
  // A topic that is deleted stays so until the test makes it anew.
  const half = await openKafkaConsumer(kafkaOptions(kafka.addresses, { groupId, logger, createTopics: null }))
  const stepped = onStep === undefined ? {} : { onStep }
  const sink = startSharedSink(under, half.consumer, `staging-${open.length}`, { ...stepped, logger })
  const joined = { half, sink, consumer: half.consumer }
  open.push(joined)
  return joined
}

async function leave({ half, sink }: { half: ConsumerHalf; sink: Sink }): Promise<void> {
  await sink.stop()
  await half.close()
}

const leaseOf = (half: ConsumerHalf, of: Topic = topic): PartitionLease | undefined =>
  half.consumer.leases().find(lease => lease.topic === of && lease.partition === 0)

const spansOf = async (service: string) =>
  (await under.rows(`SELECT SpanId FROM otel_traces WHERE ServiceName = '${service}' ORDER BY SpanId`)).map(row =>
    Number.parseInt(String(row.SpanId).slice(8), 16),
  )
const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, at) => from + at)

/** Until all that is on the partition is stored. */
async function caughtUp(half: ConsumerHalf, of: Topic = topic): Promise<void> {
  const end = async () => BigInt((await admin(client => client.fetchTopicOffsets(of)))[0]?.high ?? '0')
  const target = await end()
  await expect.poll(() => leaseOf(half, of)?.committed().next, timeout).toBe(target)
}

describe('messages that others wrote', () => {
  it('are CloudEvents of the structured mode on their topic, which ours are too; others become dead letters', async () => {
    const event = (id: string, more = {}) => ({ specversion: '1.0', source: '/foreign', id, type: 'order', ...more })
    const half = await openKafkaProducer(kafkaOptions(kafka.addresses))
    const accept = createEventAcceptor({ ...half, clock: systemClock, meter: createNoopMeter() })
    const headers = { 'content-type': 'application/cloudevents-batch+json; charset=utf-8' }
    await accept({ headers, body: Buffer.from(JSON.stringify([event('own-1'), event('own-2')])), source: 'us' })
    await half.close()
    const structured = { 'content-type': 'application/cloudevents+json; charset=UTF-8' }
    const messages = [
      { value: Buffer.from(JSON.stringify(event('one'))), headers: structured },
      { value: Buffer.from(JSON.stringify([event('two'), event('three'), event('two')])) },
      { value: Buffer.from('{"amount": 5}'), headers: { ce_specversion: '1.0', ce_id: 'binary', ce_type: 'order' } },
      { value: null },
      { value: Buffer.from(JSON.stringify([event('four'), event('five', { time: 'noon' })])) },
    ]
    await write(messages, topics.events)
    const sink = await join('events')
    const ids = async () => (await under.rows('SELECT Id FROM events ORDER BY Id')).map(({ Id }) => Id)
    const letters = () =>
      under.rows(`SELECT Reason, Message FROM dead_letters WHERE Topic = '${topics.events}' ORDER BY Offset`)
    await expect.poll(async () => (await letters()).length, { timeout: 20_000 }).toBe(3)
    await expect.poll(ids, { timeout: 20_000 }).toEqual(['one', 'own-1', 'own-2', 'three', 'two'])
    await leave(sink)
    expect(await letters()).toEqual([
      {
        Reason: 'SINK_UNFIT_PAYLOAD',
        Message: expect.stringMatching(/^EVENTS_INVALID: specversion is missing; id is/),
      },
      { Reason: 'SINK_UNFIT_PAYLOAD', Message: expect.stringContaining('a message without a value holds no event') },
      { Reason: 'SINK_UNFIT_PAYLOAD', Message: expect.stringMatching(/^EVENTS_INVALID: events\[1\]\.time is no/) },
    ])
  })

  it('become rows where they can, and dead letters with their reason where they cannot; secrets stay out', async () => {
    const exotic = span(1)
    exotic.attributes = [
      { key: 'tags', value: { array_value: { values: [{ string_value: 'a' }, { int_value: '2' }] } } },
    ]
    const resource = { attributes: [attribute('service.name', 'foreign')] }
    const nested = encode('ExportTraceServiceRequest', {
      resource_spans: [{ resource, scope_spans: [{ spans: [exotic] }] }],
    })
    const headers = { authorization: 'Bearer very-secret', 'content-encoding': 'br', 'x-key-not-for-eyes': '1' }
    const captured = captureLogger()
    await write([
      { value: tracesOf('foreign', 0), headers },
      { value: Buffer.from('not protobuf at all'), headers },
      { value: Buffer.alloc(0) },
      { value: null },
      { value: Buffer.from('{"resourceSpans":[]}'), headers: { 'content-type': 'application/x-protobuf' } },
      { value: nested },
      { value: Buffer.from('1f8b08000000000000ff', 'hex') },
      { value: tracesOf('foreign', 2) },
    ])
    const sink = await join('bad-input', undefined, captured.logger)
    await caughtUp(sink.half)
    expect(await spansOf('foreign')).toEqual([0, 1, 2])
    expect(
      await under.rows(`SELECT SpanAttributes['tags'] AS tags FROM otel_traces WHERE SpanAttributes['tags'] != ''`),
    ).toEqual([{ tags: '["a",2]' }])
    const letters = await under.rows(
      `SELECT Offset, Reason, Message, Source, toString(tuple(*)) AS all FROM dead_letters WHERE Topic = '${topic}' ORDER BY Offset`,
    )
    expect(letters.map(({ Offset, Reason }) => [Number(Offset), Reason])).toEqual(
      [1, 2, 3, 4, 6].map(offset => [offset, 'SINK_UNFIT_PAYLOAD']),
    )
    const messages = letters.map(({ Message }) => String(Message))
    expect(messages[0]).toMatch(/^OTLP_MALFORMED_BODY: protobuf is malformed at byte 1/)
    expect(messages[1]).toContain('a message without a value holds no telemetry')
    expect(messages[3]).toContain('it looks like JSON: the encoding otlp_proto is wanted')
    expect(messages[4]).toContain('it looks like gzip')
    // The lines are there, down to the finest, and hold neither the values nor the names of headers.
    expect(captured.lines().filter(({ component }) => component === 'kafka-consumer')).not.toEqual([])
    for (const secret of ['very-secret', 'not-for-eyes'])
      expect(JSON.stringify(letters) + captured.text()).not.toContain(secret)
    expect(sink.sink.stats()).toMatchObject({ deadLetters: 5, dropped: 0 })
    await leave(sink)
  })

  it('a message of 100 MB is put aside with its bytes, and the next one is stored', async () => {
    await write([{ value: Buffer.alloc(largeMessage, 0xff) }])
    await write([{ value: tracesOf('after-large', 0) }])
    const sink = await join('large')
    await caughtUp(sink.half)
    expect(await spansOf('after-large')).toEqual([0])
    expect(
      await under.rows(
        "SELECT Message, intDiv(length(Payload), 4) * 3 - 2 AS bytes FROM dead_letters WHERE Message LIKE '%BODY_TOO_LARGE%'",
      ),
    ).toEqual([{ Message: expect.stringContaining('otlp.maxDecompressedBytes'), bytes: String(largeMessage) }])
    await leave(sink)
  })
})

describe('a position that somebody else has moved', () => {
  it('is found out: what is stored already is passed over, also a range whose sink ended before it could say so', async () => {
    await write(numbers(6).map(at => ({ value: tracesOf('reset', at) })))
    const first = await join('reset')
    await caughtUp(first.half)
    await leave(first)
    await write(numbers(3, 6).map(at => ({ value: tracesOf('reset', at) })))
    const dying = await join('reset', step => {
      if (step === 'after-insert') throw new Error('ended by the test')
    })
    await expect.poll(() => spansOf('reset'), timeout).toEqual(numbers(9))
    await leave(dying)
    await write(numbers(3, 9).map(at => ({ value: tracesOf('reset', at) })))
    await kafka.tool(groups, '--group', 'reset', '--all-topics', '--reset-offsets', '--to-earliest', '--execute')
    const last = await join('reset')
    await caughtUp(last.half)
    expect(await spansOf('reset')).toEqual(numbers(12))
    expect(last.sink.stats()).toMatchObject({ dropped: 0, gaps: [] })
    await leave(last)
  })

  it('past records that were not stored is reported as a gap', async () => {
    const first = await join('forward')
    await caughtUp(first.half)
    await leave(first)
    await write(numbers(4).map(at => ({ value: tracesOf('skipped', at) })))
    await kafka.tool(groups, '--group', 'forward', '--all-topics', '--reset-offsets', '--to-latest', '--execute')
    const second = await join('forward')
    await expect.poll(() => second.sink.stats().dropped, timeout).toBe(4)
    expect(second.sink.stats().gaps).toMatchObject([{ topic, partition: 0, reason: 'position-moved' }])
    await leave(second)
  })
})

const letterOf = (value: Buffer, changes: { Id: string; Topic?: string; Offset?: bigint; LogId?: string }) => ({
  Topic: topic,
  Partition: 0,
  Offset: 0n,
  LogId: 'log',
  Reason: 'SINK_POISON_PAYLOAD',
  Message: 'the engine refused it',
  Source: 'test',
  ReceivedAt: Date.now(),
  QuarantinedAt: Date.now(),
  State: 'quarantined' as const,
  Payload: value.toString('base64'),
  Version: 1n,
  ...changes,
})

describe('a message that is sent again', () => {
  const one = (service: string, at = 0) => ({ value: tracesOf(service, at) })
  const received = (minutesAgo: number) => ({ 'ninefold-received-at': String(Date.now() - minutesAgo * 60_000) })
  let sink: Awaited<ReturnType<typeof join>>
  beforeEach(async () => {
    sink = await join('again')
  })
  afterEach(() => leave(sink))

  it('counts once: in one range, in another, and at another sink that has the partition by then', async () => {
    await write([one('once', 0), one('once', 0), one('once', 1)])
    await caughtUp(sink.half)
    await write([one('once', 1), one('once', 2)])
    await caughtUp(sink.half)
    expect(await spansOf('once')).toEqual([0, 1, 2])
    expect(sink.sink.stats()).toMatchObject({ repeats: 2, deadLetters: 0 })
    await leave(sink)
    await write([one('once', 3), one('once', 2), one('once', 0)])
    sink = await join('again')
    await caughtUp(sink.half)
    expect(await spansOf('once')).toEqual([0, 1, 2, 3])
    expect(sink.sink.stats()).toMatchObject({ repeats: 2, deadLetters: 0 })
  })

  it('is another when more than the window is between the two, or when it does not say when it was', async () => {
    await write([
      { ...one('again-later'), headers: received(7) },
      { ...one('again-later'), headers: received(0.5) },
    ])
    const { start_time_unix_nano: _start, end_time_unix_nano: _end, ...timeless } = span(0)
    const resource = { attributes: [attribute('service.name', 'timeless')] }
    const value = encode('ExportTraceServiceRequest', {
      resource_spans: [{ resource, scope_spans: [{ spans: [timeless] }] }],
    })
    await write([{ value }, { value }])
    await caughtUp(sink.half)
    await write([{ value }])
    await caughtUp(sink.half)
    expect(await spansOf('again-later')).toEqual([0, 0])
    expect(await spansOf('timeless')).toEqual([0, 0, 0])
  })

  it('is another when it is a dead letter that is put on the bus again, and is a letter of its own when it is none of ours', async () => {
    const { producer, close } = await openKafkaProducer(kafkaOptions(kafka.addresses))
    const { writer } = under.store
    const box = createDeadLetterBox({ writer, producer, clock: systemClock })
    const cutOff = { value: tracesOf('letter', 1).subarray(0, -1) }
    await write([one('letter'), cutOff])
    await caughtUp(sink.half)
    await write([cutOff])
    await writer.insert(deadLetters, [letterOf(one('letter').value, { Id: 'again' })])
    expect(await box.replay('again')).toBe(true)
    await caughtUp(sink.half)
    expect(await spansOf('letter')).toEqual([0, 0])
    expect(sink.sink.stats()).toMatchObject({ deadLetters: 2 })
    await close()
  })
})

describe('a range with messages that were sent again', () => {
  it('counts once however often its range is begun, whatever the step and whoever it is; a dead letter is not known', async () => {
    const of = 'otlp_metrics'
    const points = { data_points: [{ time_unix_nano: String(noon), as_int: '1' }] }
    const message = (name: string) => {
      const both = [
        { name, gauge: points },
        { name, sum: points },
      ]
      return { value: encode('ExportMetricsServiceRequest', metrics(both)) }
    }
    await write([message('first'), message('first'), message('letter')], of)
    const failed = new Set<ProtocolStep>()
    let isSpoilt = false
    const dying = await join('steps', step => {
      if (step === 'before-intent' || step === 'after-commit') return
      if (isSpoilt && step !== 'before-commit' && failed.has(step)) return
      if (isSpoilt || step === 'after-intent') failed.add(step)
      throw new Error('ended by the test')
    })
    await expect.poll(() => failed.has('after-intent'), { timeout: 60_000 }).toBe(true)
    const { logId = '' } = leaseOf(dying.half, of) ?? {}
    const known = { Id: `${of}-0-${logId}-2`, Topic: of, Offset: 2n, LogId: logId }
    await under.store.writer.insert(deadLetters, [letterOf(message('letter').value, known)])
    isSpoilt = true
    await expect.poll(() => failed.has('before-commit'), { timeout: 60_000 }).toBe(true)
    expect([...failed]).toEqual(['after-intent', 'after-stage', 'after-first-insert', 'after-insert', 'before-commit'])
    await leave(dying)
    await write([message('first'), message('second'), message('letter')], of)
    const next = await join('steps')
    await caughtUp(next.half, of)
    const rowsOf = (table: string) =>
      under.rows(`SELECT MetricName AS name, count() AS n FROM otel_metrics_${table} GROUP BY name ORDER BY name`)
    const once = ['first', 'letter', 'second'].map(name => ({ name, n: '1' }))
    expect([await rowsOf('gauge'), await rowsOf('sum')]).toEqual([once, once])
    await leave(next)
  })
})

describe('a log that is not what it was', () => {
  it('retention that has passed the position is reported as a gap, and the rest is stored', async () => {
    const first = await join('retention')
    await caughtUp(first.half)
    const next = leaseOf(first.half)?.committed().next ?? 0n
    await leave(first)
    await write(numbers(5).map(at => ({ value: tracesOf('deleted', at) })))
    await admin(async client => {
      await client.fetchTopicOffsets(topic)
      await client.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: String(next + 3n) }] })
    })
    const second = await join('retention')
    await caughtUp(second.half)
    expect(await spansOf('deleted')).toEqual([3, 4])
    expect(second.sink.stats()).toMatchObject({ dropped: 3 })
    expect(second.sink.stats().gaps).toMatchObject([
      { reason: 'BUS_POSITION_LOST', firstOffset: Number(next), lastOffset: Number(next) + 2 },
    ])
    await leave(second)
  })

  it('a topic deleted and made anew is refused with its reason, by those that run and those that start, until a position is set', async () => {
    const running = await join('anew')
    await caughtUp(running.half)
    await admin(client => client.deleteTopics({ topics: [topic] }))
    await expect.poll(() => admin(client => client.listTopics()), timeout).not.toContain(topic)
    await admin(client => client.createTopics({ topics: [{ topic, numPartitions: 1, replicationFactor: 1 }] }))
    await write(numbers(3).map(at => ({ value: tracesOf('anew', at) })))
    const refused = [{ topic, partition: 0, reason: 'BUS_TOPIC_CHANGED' }]
    await expect.poll(() => running.sink.waiting(), timeout).toMatchObject(refused)
    await leave(running)
    const started = await join('anew')
    await expect.poll(() => started.sink.waiting(), timeout).toMatchObject(refused)
    expect(await spansOf('anew')).toEqual([])
    await leave(started)
    await kafka.tool(groups, '--group', 'anew', '--topic', topic, '--reset-offsets', '--to-earliest', '--execute')
    const after = await join('anew')
    await caughtUp(after.half)
    expect(await spansOf('anew')).toEqual([0, 1, 2])
    await leave(after)
  })

  it('partitions that are added while it runs are taken up', async () => {
    const sink = await join('added')
    await expect.poll(() => sink.consumer.leases().length, timeout).toBe(4)
    await admin(client => client.createPartitions({ topicPartitions: [{ topic: 'otlp_logs', count: 4 }] }))
    await expect.poll(() => sink.consumer.leases().length, timeout).toBe(7)
    await leave(sink)
  })
})

describe('a partition that goes to another sink', () => {
  it('is not committed by whoever had it, although that member is in the group again; its late insert counts once', async () => {
    const [inHand, held, inserted] = [0, 1, 2].map(() => Promise.withResolvers<void>())
    let holding = false
    const old = await join('zombie', async step => {
      if (!holding) return
      if (step === 'after-insert') inserted?.resolve()
      if (step !== 'after-stage') return
      inHand?.resolve()
      await held?.promise
    })
    await caughtUp(old.half)
    holding = true
    await write(numbers(3).map(at => ({ value: tracesOf('late', at) })))
    await inHand?.promise
    const lost = leaseOf(old.half)
    const others = await Promise.all([join('zombie'), join('zombie'), join('zombie')])
    await expect.poll(() => lost?.signal.aborted, timeout).toBe(true)
    // The old member is in the group again, under the new generation, with other partitions or none.
    await expect(lost?.commit({ next: 999n, intent: null })).rejects.toMatchObject({ code: 'BUS_LEASE_LOST' })
    await expect.poll(() => spansOf('late'), timeout).toEqual([0, 1, 2])
    held?.resolve()
    await inserted?.promise
    expect(await spansOf('late')).toEqual([0, 1, 2])
    for (const one of [old, ...others]) await leave(one)
  })
})
