import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { metrics } from '@opentelemetry/api'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Bus } from '../../../ingest/bus/bus.ts'
import { openSegmentLog } from '../../../ingest/bus/segment-log/segment-log.ts'
import { createSink } from '../../../ingest/sink/sink.ts'
import type { ProtocolStep } from '../../../ingest/sink/steps.ts'
import { systemClock } from '../../../lib/clock.ts'
import { silentLogger } from '../../../lib/logger.ts'
import { payloadInserts } from '../../../store/tables/payload-inserts.ts'
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

const produce = (value: Uint8Array) =>
  bus.producer.produce({ topic: 'otlp_spans', value, receivedAtMs: Date.now(), source: 'test' })

function startSink(onStep?: (step: ProtocolStep, offset?: bigint) => void) {
  const sink = createSink({
    consumer: bus.consumer,
    payloads: under.store.payloads,
    writer: under.store.writer,
    inserts: payloadInserts(defaultLayerSources),
    stagingDirectory: join(under.folder, 'staging'),
    clock: systemClock,
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
    if (tries > 600) throw new Error('the sink did not catch up')
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

  it.each(['before-intent', 'after-intent', 'after-stage', 'after-first-insert', 'after-insert'] as const)(
    'stores once when its first try ends %s',
    async step => {
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
    },
  )

  it('names the payload that ended the engine twice and goes on without it', async () => {
    for (let id = 0; id < 5; id++) await produce(spansRequest([id]))
    // What a process leaves behind that died twice inside the range and then while it tried record 2 alone.
    const intent = { first: 0n, last: 4n, attempts: 3, suspect: 2n }
    await bus.consumer.commit({ topic: 'otlp_spans', partition: 0 }, { next: 0n, intent })
    const probed: bigint[] = []
    const sink = startSink((step, offset) => {
      if (step === 'before-probe' && offset !== undefined) probed.push(offset)
    })
    await drained()
    await sink.stop()
    expect(probed).toEqual([0n, 1n, 3n, 4n])
    expect(await ids()).toEqual([0, 1, 3, 4])
    expect(await under.rows('SELECT Offset, Reason FROM dead_letters')).toEqual([
      { Offset: '2', Reason: 'SINK_ENGINE_CRASH' },
    ])
  })
})

describe('the segment log', () => {
  const file = () => join(under.folder, 'bus/otlp_spans/00000000000000000000.log')
  const reopen = async () => {
    await bus.close()
    return openSegmentLog({ directory: join(under.folder, 'bus') })
  }

  it('cuts a torn tail at start and goes on behind the last whole record', async () => {
    await produce(spansRequest([1]))
    await bus.close()
    appendFileSync(file(), readFileSync(file()).subarray(0, 20))
    bus = await openSegmentLog({ directory: join(under.folder, 'bus') })
    await produce(spansRequest([2]))
    const sink = startSink()
    await drained()
    await sink.stop()
    expect(await ids()).toEqual([1, 2])
  })

  it('tells a flipped bit from a torn tail: the record is kept as a dead letter and the others are stored', async () => {
    for (let id = 0; id < 3; id++) await produce(spansRequest([id]))
    await bus.close()
    const bytes = readFileSync(file())
    const middle = Math.floor(bytes.length / 2)
    bytes[middle] = (bytes[middle] ?? 0) ^ 4
    writeFileSync(file(), bytes)
    bus = await openSegmentLog({ directory: join(under.folder, 'bus') })
    const sink = startSink()
    await drained()
    await sink.stop()
    expect(await ids()).toEqual([0, 2])
    expect(await under.rows('SELECT Offset, Reason FROM dead_letters')).toEqual([
      { Offset: '1', Reason: 'BUS_CORRUPT_RECORD' },
    ])
  })

  it('has one owner', async () => {
    await expect(openSegmentLog({ directory: join(under.folder, 'bus') })).rejects.toMatchObject({
      code: 'DATA_DIR_LOCKED',
    })
    bus = await reopen()
  })

  it('remembers position and intent, also when the newest slot was torn', async () => {
    const tp = { topic: 'otlp_spans', partition: 0 } as const
    for (let id = 0; id < 3; id++) await produce(spansRequest([id]))
    await bus.consumer.commit(tp, { next: 1n, intent: null })
    await bus.consumer.commit(tp, { next: 1n, intent: { first: 1n, last: 2n, attempts: 7, suspect: null } })
    bus = await reopen()
    expect(bus.consumer.committed(tp)).toEqual({
      next: 1n,
      intent: { first: 1n, last: 2n, attempts: 7, suspect: null },
    })
    await bus.close()
    const path = join(under.folder, 'bus/otlp_spans/position')
    const bytes = readFileSync(path)
    bytes[10] = (bytes[10] ?? 0) ^ 1
    writeFileSync(path, bytes)
    bus = await openSegmentLog({ directory: join(under.folder, 'bus') })
    expect(bus.consumer.committed(tp)).toEqual({ next: 1n, intent: null })
  })
})
