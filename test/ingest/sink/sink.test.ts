import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { metrics } from '@opentelemetry/api'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Bus } from '../../../ingest/bus/bus.ts'
import { openSegmentLog } from '../../../ingest/bus/segment-log/segment-log.ts'
import { createDeadLetterBox } from '../../../ingest/sink/dead-letter-box.ts'
import { createSink } from '../../../ingest/sink/sink.ts'
import type { ProtocolStep } from '../../../ingest/sink/steps.ts'
import { systemClock } from '../../../lib/clock.ts'
import { NinefoldError } from '../../../lib/errors.ts'
import { silentLogger } from '../../../lib/logger.ts'
import { payloadInserts } from '../../../store/tables/payload-inserts.ts'
import { leaseOf } from '../../factories/bus.ts'
import { attribute, encodeRequest } from '../../factories/otlp.ts'
import { defaultLayerSources, openStoreUnderTest, type StoreUnderTest } from '../../factories/store.ts'

let under: StoreUnderTest
let bus: Bus

beforeEach(async () => {
  under = await openStoreUnderTest()
  bus = await openSegmentLog({ directory: join(under.folder, 'bus') })
})
afterEach(async () => {
  await bus.close()
  await under.close()
})

function spansRequest(ids: readonly number[]): Uint8Array {
  const spans = ids.map(id => ({
    traceId: Buffer.alloc(16, 1),
    spanId: Buffer.from(id.toString(16).padStart(16, '0'), 'hex'),
    name: 'GET /',
    startTimeUnixNano: `${Date.now()}000000`,
    endTimeUnixNano: `${Date.now()}000000`,
  }))
  const resource = { attributes: [attribute('service.name', 'shop')] }
  return encodeRequest('ExportTraceServiceRequest', { resourceSpans: [{ resource, scopeSpans: [{ spans }] }] })
}

const traces = () => leaseOf(bus, 'otlp_spans')

const produce = (value: Uint8Array, receivedAtMs = Date.now()) =>
  bus.producer.produce({ topic: 'otlp_spans', value, receivedAtMs, source: 'test' })

function startSink(onStep?: (step: ProtocolStep) => void, clock = systemClock, inProcess = true) {
  const sink = createSink({
    consumer: bus.consumer,
    payloads: { ...under.store.payloads, inProcess },
    writer: under.store.writer,
    inserts: payloadInserts(defaultLayerSources),
    stagingDirectory: join(under.folder, 'staging'),
    clock,
    logger: silentLogger,
    meter: metrics.getMeter('test'),
    bounds: { maxBytes: 1e7, maxRecords: 1000, fullBytes: 1e6, lingerMs: 5 },
    ...(onStep === undefined ? {} : { onStep }),
  })
  sink.start()
  return sink
}

/** Until the sink has nothing left on the bus. */
async function drained(): Promise<void> {
  for (let tries = 0; bus.producer.pressure().lagRecords > 0; tries++) {
    if (tries > 4800) throw new Error('the sink did not catch up')
    await systemClock.sleep(25)
  }
}

const ids = async () =>
  (await under.rows('SELECT SpanId FROM otel_traces ORDER BY SpanId')).map(row => Number(`0x${row.SpanId}`))

describe('the sink', () => {
  it('stores what was acknowledged, in one ledger row a range', async () => {
    for (let id = 0; id < 20; id++) await produce(spansRequest([id]))
    const sink = startSink()
    await drained()
    await sink.stop()
    expect(await ids()).toEqual(Array.from({ length: 20 }, (_, id) => id))
    expect(await under.rows('SELECT min(First) AS f, max(Last) AS l FROM sink_offsets')).toEqual([{ f: '0', l: '19' }])
  })

  it('does not wait for the clock of a gateway that was an hour ahead', async () => {
    await produce(spansRequest([7]), Date.now() + 3_600_000)
    await produce(spansRequest([8]))
    const sink = startSink()
    await drained()
    await sink.stop()
    expect(await ids()).toEqual([7, 8])
  })

  it('stores a backlog that lies in two partitions, whole segments and the rest, each event once', async () => {
    await bus.close()
    bus = await openSegmentLog({ directory: join(under.folder, 'bus'), limits: { segmentBytes: 1000 } })
    for (let id = 0; id < 60; id++) await produce(spansRequest([id]))
    const sink = startSink()
    await drained()
    await sink.stop()
    expect(await ids()).toEqual(Array.from({ length: 60 }, (_, id) => id))
    const ledger = await under.rows(
      'SELECT Partition, min(First) AS f, sum(Last - First + 1) AS records, max(Last) + 1 AS next FROM sink_offsets GROUP BY Partition ORDER BY Partition',
    )
    const ends = [0, 1].map(partition => String(leaseOf(bus, 'otlp_spans', partition).endOffset()))
    expect(ledger).toEqual(ends.map((end, Partition) => ({ Partition, f: '0', records: end, next: end })))
  })

  it('takes a poison payload out of the middle, keeps its bytes and reason, and stores the rest once', async () => {
    const poison = Buffer.from([0x0a, 0x7f, 0xff, 0xff, 0xff])
    for (let id = 0; id < 7; id++) await produce(id === 3 ? poison : spansRequest([id]))
    const sink = startSink()
    await drained()
    await sink.stop()
    expect(await ids()).toEqual([0, 1, 2, 4, 5, 6])
    expect(
      await under.rows(
        'SELECT Offset, Reason, Source, base64Decode(Payload) = unhex({p:String}) AS same FROM dead_letters'.replace(
          '{p:String}',
          `'${poison.toString('hex')}'`,
        ),
      ),
    ).toEqual([{ Offset: '3', Reason: 'SINK_POISON_PAYLOAD', Source: 'test', same: 1 }])
  })

  it.each([
    'before-intent',
    'after-intent',
    'after-stage',
    'after-first-insert',
    'after-insert',
    'before-commit',
  ] as const)('stores once when its first try ends %s', async step => {
    for (let id = 0; id < 5; id++) await produce(spansRequest([id]))
    let failed = false
    const sink = startSink(at => {
      if (at !== step || failed) return
      failed = true
      throw new Error('stopped here by the test')
    })
    await drained()
    await sink.stop()
    expect(failed).toBe(true)
    expect(await ids()).toEqual([0, 1, 2, 3, 4])
  })

  it('names the payload that ended the process three times by itself, keeps it and goes on without it', async () => {
    for (let id = 0; id < 5; id++) await produce(spansRequest([id]))
    // What a process leaves behind that died inside the range and then, three times, while it tried record 2 alone.
    const intent = { first: 0n, last: 4n, attempts: 6, suspect: { first: 2n, last: 2n, tries: 3 } }
    await traces().commit({ next: 0n, intent })
    const sink = startSink()
    await drained()
    await sink.stop()
    expect(await ids()).toEqual([0, 1, 3, 4])
    expect(await under.rows('SELECT Offset, Reason FROM dead_letters')).toEqual([
      { Offset: '2', Reason: 'SINK_ENGINE_CRASH' },
    ])
  })

  it('waits before it tries a record again, so that a process ended for another reason blames none', async () => {
    for (let id = 0; id < 3; id++) await produce(spansRequest([id]))
    const suspect = { first: 1n, last: 1n, tries: 2 }
    await traces().commit({ next: 0n, intent: { first: 0n, last: 2n, attempts: 5, suspect } })
    const slept: number[] = []
    let waiting: unknown
    const sleep = (milliseconds: number, signal?: AbortSignal) => {
      if (milliseconds < 1000) return systemClock.sleep(milliseconds, signal)
      slept.push(milliseconds)
      waiting = traces().committed().intent
      return Promise.resolve()
    }
    const sink = startSink(undefined, { ...systemClock, sleep })
    await drained()
    await sink.stop()
    expect(slept).toEqual([2000])
    expect(waiting).toMatchObject({ attempts: 6, suspect })
    expect(await ids()).toEqual([0, 1, 2])
    expect(await under.rows('SELECT Offset FROM dead_letters')).toEqual([])
  })

  it('tries the parts of a range that two starts did not finish, each announced, and blames nothing that it survives', async () => {
    for (let id = 0; id < 5; id++) await produce(spansRequest([id]))
    const intent = { first: 0n, last: 4n, attempts: 3, suspect: { first: 2n, last: 2n, tries: 1 } }
    await traces().commit({ next: 0n, intent })
    const tried: string[] = []
    const sink = startSink(step => {
      const suspect = traces().committed().intent?.suspect
      if (step === 'before-probe') tried.push(`${suspect?.first}-${suspect?.last} ${suspect?.tries}`)
    })
    await drained()
    await sink.stop()
    expect(tried).toEqual(['2-2 2', '0-1 1', '2-3 1', '4-4 1'])
    expect(await ids()).toEqual([0, 1, 2, 3, 4])
    expect(await under.rows('SELECT Offset FROM dead_letters')).toEqual([])
  })

  it('looks for no such record when the engine is elsewhere: a range that many sinks began says nothing of it', async () => {
    for (let id = 0; id < 3; id++) await produce(spansRequest([id]))
    await traces().commit({ next: 0n, intent: { first: 0n, last: 2n, attempts: 9, suspect: null } })
    const steps: ProtocolStep[] = []
    const sink = startSink(step => void steps.push(step), systemClock, false)
    await drained()
    await sink.stop()
    expect(steps).toContain('after-insert')
    expect(steps).not.toContain('before-probe')
    expect(await ids()).toEqual([0, 1, 2])
  })

  it('does not take failures of the store for an end of the engine', async () => {
    for (let id = 0; id < 3; id++) await produce(spansRequest([id]))
    await traces().commit({ next: 0n, intent: { first: 0n, last: 2n, attempts: 2, suspect: null } })
    let failures = 0
    const sink = startSink(step => {
      if (step !== 'after-first-insert' || failures++ >= 3) return
      throw new NinefoldError('STORE_UNAVAILABLE', 'not now')
    })
    await drained()
    await sink.stop()
    expect(failures).toBe(4)
    expect(sink.stats()).toMatchObject({ failures: 3, deadLetters: 0, records: 3 })
    expect(await ids()).toEqual([0, 1, 2])
  })

  it('stores a range of nothing but poison as dead letters and goes on', async () => {
    await produce(Buffer.from([0x0a, 0x7f, 0xff]))
    const sink = startSink()
    await drained()
    await produce(spansRequest([1]))
    await drained()
    await sink.stop()
    expect(await ids()).toEqual([1])
    expect(sink.stats()).toMatchObject({ deadLetters: 1, records: 2 })
  })

  it('tries a dead letter that is put on the bus again at once, and a payload that is sent again not', async () => {
    const poison = Buffer.from([0x0a, 0x7f, 0xff])
    await produce(poison)
    const sink = startSink()
    await drained()
    await produce(poison)
    const { writer } = under.store
    const box = createDeadLetterBox({ writer, producer: bus.producer, clock: systemClock })
    const [letter] = await box.list(1)
    expect(await box.replay(letter?.id ?? '')).toBe(true)
    await drained()
    await sink.stop()
    expect(sink.stats()).toMatchObject({ deadLetters: 2, records: 2 })
  })

  it('counts and passes over what the log has lost, and never gives those offsets out again', async () => {
    for (let id = 0; id < 4; id++) await produce(spansRequest([id]))
    await traces().commit({ next: 2n, intent: { first: 2n, last: 3n, attempts: 1, suspect: null } })
    await bus.close()
    rmSync(join(under.folder, 'bus/otlp_spans/00000000000000000000.log'))
    bus = await openSegmentLog({ directory: join(under.folder, 'bus') })
    await produce(spansRequest([9]))
    const sink = startSink()
    await drained()
    await sink.stop()
    expect(await ids()).toEqual([9])
    expect(sink.stats()).toMatchObject({ dropped: 2, records: 1 })
    expect(traces().committed().next).toBe(5n)
  })

  it('stores the records of a log made anew although their offsets were used before', async () => {
    for (let round = 0; round < 2; round++) {
      await produce(spansRequest([round]))
      await produce(Buffer.from([0x0a, 0x7f, 0xff]))
      const sink = startSink()
      await drained()
      await sink.stop()
      await bus.close()
      rmSync(join(under.folder, 'bus'), { recursive: true })
      bus = await openSegmentLog({ directory: join(under.folder, 'bus') })
    }
    expect(await ids()).toEqual([0, 1])
    expect(await under.rows('SELECT uniqExact(Id) AS letters FROM dead_letters')).toEqual([{ letters: '2' }])
  })
})
