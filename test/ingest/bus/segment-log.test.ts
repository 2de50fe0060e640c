import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { BusBatch, ProduceRecord, Topic } from '../../../ingest/bus/bus.ts'
import { repeatWindowMs } from '../../../ingest/bus/payload-identity.ts'
import { openSegmentLog, type SegmentLog } from '../../../ingest/bus/segment-log/segment-log.ts'
import { leaseOf } from '../../factories/bus.ts'

let folder: string
let bus: SegmentLog
const segmentBytes = 4096
const everything = { maxBytes: 1 << 20, maxRecords: 1 << 20 }

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ninefold-segment-log-'))
  bus = await openSegmentLog({ directory: join(folder, 'bus'), limits: { segmentBytes } })
})
afterEach(async () => {
  await bus.close()
  rmSync(folder, { recursive: true, force: true })
})

const produce = (value: Uint8Array) =>
  bus.producer.produce({ topic: 'otlp_spans', value, receivedAtMs: 1_700_000_000_000, source: 'test' })

const partition = (number: number) => leaseOf(bus, 'otlp_spans', number)

async function valuesOf(number: number): Promise<number[]> {
  const lease = partition(number)
  const values: number[] = []
  for (let from = 0n; from < lease.endOffset(); ) {
    const batch = await lease.read(from, everything)
    if (batch === null) break
    for await (const { value } of lease.readRecords(batch.first, batch.last))
      values.push(Buffer.from(value).readUInt32LE())
    from = batch.last + 1n
  }
  return values
}

function numbered(number: number, bytes = 500): Buffer {
  const value = Buffer.alloc(bytes)
  value.writeUInt32LE(number)
  return value
}

describe('partitions of a topic', () => {
  it('leaves everything in one while the sink keeps up', async () => {
    const lease = partition(0)
    for (let number = 0; number < 40; number++) {
      await produce(numbered(number))
      await lease.commit({ next: lease.endOffset(), intent: null })
    }
    expect(lease.endOffset()).toBe(40n)
    expect(partition(1).endOffset()).toBe(0n)
  })

  it('shares a backlog evenly, each record in one of them and in order', async () => {
    for (let number = 0; number < 200; number++) await produce(numbered(number))
    const [first, second] = [await valuesOf(0), await valuesOf(1)]
    expect([...first, ...second].sort((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, number) => number))
    for (const values of [first, second]) expect(values).toEqual(values.toSorted((a, b) => a - b))
    expect(Math.abs(first.length - second.length) * 500).toBeLessThanOrEqual(segmentBytes)
    expect(bus.producer.pressure().lagRecords).toBe(200)
  })

  it('goes on with both after it was opened again', async () => {
    for (let number = 0; number < 60; number++) await produce(numbered(number))
    await partition(1).commit({ next: 3n, intent: null })
    await bus.close()
    bus = await openSegmentLog({ directory: join(folder, 'bus'), limits: { segmentBytes } })
    expect(partition(0).committed().next).toBe(0n)
    expect(partition(1).committed().next).toBe(3n)
    expect(bus.producer.pressure().lagRecords).toBe(57)
  })
})

describe('staging a batch', () => {
  const stagedFile = () => join(folder, 'staged.bin')
  const batchAt = async (offset: bigint): Promise<BusBatch> => {
    const batch = await partition(0).read(offset, everything)
    if (batch === null) throw new Error(`nothing at ${offset}`)
    return batch
  }

  it('hands on a segment that is whole and closed as the file that it is', async () => {
    for (let number = 0; number < 40; number++) await produce(numbered(number))
    const batch = await batchAt(0n)
    const file = await batch.stage(stagedFile())
    expect(file).toBe(join(folder, 'bus/otlp_spans/00000000000000000000.log'))
    expect(readFileSync(file).length).toBe(batch.bytes)
  })

  it('copies what is part of a segment, and what is still being written to', async () => {
    for (let number = 0; number < 20; number++) await produce(numbered(number))
    const whole = await batchAt(0n)
    const part = await partition(0).readRange(1n, whole.last)
    expect(await part.stage(stagedFile())).toBe(stagedFile())
    expect(readFileSync(stagedFile()).length).toBe(part.bytes)
    const open = await batchAt(partition(0).endOffset() - 1n)
    expect(await open.stage(stagedFile(), { append: true })).toBe(stagedFile())
    expect(readFileSync(stagedFile()).length).toBe(part.bytes + open.bytes)
  })

  it('names the record that no longer is what was acknowledged, also when it would copy nothing', async () => {
    for (let number = 0; number < 40; number++) await produce(numbered(number))
    const path = join(folder, 'bus/otlp_spans/00000000000000000000.log')
    const bytes = readFileSync(path)
    bytes.writeUInt8(bytes.readUInt8(1200) ^ 1, 1200)
    writeFileSync(path, bytes)
    const batch = await batchAt(0n)
    await expect(batch.stage(stagedFile())).rejects.toMatchObject({
      code: 'BUS_CORRUPT_RECORD',
      details: { offset: 2n },
    })
  })
})

describe('a payload that is sent again', () => {
  const now = Date.now()
  const record = (changes: Partial<ProduceRecord> = {}): ProduceRecord => ({
    topic: 'otlp_spans',
    value: numbered(7),
    receivedAtMs: now,
    source: 'test',
    ...changes,
  })
  const send = (changes?: Partial<ProduceRecord>) => bus.producer.produce(record(changes))
  const recordsOf = (topic: Topic = 'otlp_spans') =>
    leaseOf(bus, topic, 0).endOffset() + leaseOf(bus, topic, 1).endOffset()
  const reopen = async () => {
    await bus.close()
    bus = await openSegmentLog({ directory: join(folder, 'bus'), limits: { segmentBytes } })
  }

  it('is in the log once, whichever partition is written to by then, and counted', async () => {
    await Promise.all([send(), send(), send()])
    for (let number = 10; number < 40; number++) await send({ value: numbered(number) })
    expect(partition(1).endOffset()).toBeGreaterThan(0n)
    await send()
    expect(recordsOf()).toBe(31n)
    expect(bus.repeats('otlp_spans')).toBe(3)
  })

  it('is told of as durable when the first is, and not before', async () => {
    const order: string[] = []
    const large = { value: Buffer.alloc(8 * 1024 * 1024, 1) }
    const first = send(large).then(() => order.push('first'))
    await Promise.all([first, send(large).then(() => order.push('again'))])
    expect(order).toEqual(['first', 'again'])
    expect(recordsOf()).toBe(1n)
  })

  it('is known after the process has ended, be it stored by then or not', async () => {
    for (let number = 0; number < 20; number++) await send({ value: numbered(number) })
    await reopen()
    for (let number = 0; number < 20; number++) await send({ value: numbered(number) })
    for (const lease of [partition(0), partition(1)]) await lease.commit({ next: lease.endOffset(), intent: null })
    await reopen()
    for (let number = 0; number < 21; number++) await send({ value: numbered(number) })
    expect(recordsOf()).toBe(21n)
    expect(bus.repeats('otlp_spans')).toBe(20)
  })

  it('is written when the first could not be, and both were told so', async () => {
    rmSync(join(folder, 'bus/otlp_spans'), { recursive: true })
    const failed = await Promise.allSettled([send(), send()])
    expect(failed).toMatchObject([{ status: 'rejected' }, { reason: { code: 'BUS_WRITE_FAILED' } }])
    mkdirSync(join(folder, 'bus/otlp_spans'))
    await send()
    expect(recordsOf()).toBe(1n)
  })

  it.each<[string, Partial<ProduceRecord>]>([
    ['on another topic', { topic: 'otlp_logs' }],
    ['after the window', { receivedAtMs: now + repeatWindowMs + 1 }],
    ['and says nothing of when it was', { isDistinct: true }],
    ['with one byte otherwise in its middle', { value: numbered(7, 20_000).fill(1, 9000, 9001) }],
  ])('is another when it comes %s', async (_, changes) => {
    const first = { ...record(), value: changes.value === undefined ? numbered(7) : numbered(7, 20_000) }
    await send(first)
    await send({ ...first, ...changes })
    expect(recordsOf() + recordsOf('otlp_logs')).toBe(2n)
    await reopen()
    await send({ ...first, receivedAtMs: now + repeatWindowMs })
    expect(recordsOf() + recordsOf('otlp_logs')).toBe(2n)
  })
})
