import fc from 'fast-check'
import { expect, it } from 'vitest'
import { compressions } from '../../../../ingest/bus/kafka/protocol/compression.ts'
import { decodeBatches, headerNames } from '../../../../ingest/bus/kafka/protocol/decode-batches.ts'
import { batchOverheadBytes, encodeBatch } from '../../../../ingest/bus/kafka/protocol/encode-batch.ts'
import { repacked } from './repacked.ts'

const record = fc.record({
  key: fc.uint8Array({ maxLength: 12 }),
  value: fc.uint8Array({ maxLength: 400 }),
  timestampMs: fc.integer({ min: 0, max: 4_000_000_000_000 }),
  source: fc.string({ maxLength: 20 }),
})

async function batchOf(
  records: readonly (typeof record extends fc.Arbitrary<infer T> ? T : never)[],
  compression: (typeof compressions)[number],
) {
  const sent = records.map(({ source, ...rest }) => ({
    ...rest,
    headers: [
      [headerNames.source, source],
      [headerNames.receivedAt, String(rest.timestampMs + 1)],
      ['authorization', 'Bearer secret'],
    ] as const,
  }))
  const batch = await encodeBatch(sent, { producerId: 7n, epoch: 1, first: 0 }, compression)
  batch.writeBigInt64BE(1000n, 0)
  return batch
}

it.each(compressions)('gives back what was sent, compressed by %s', async compression => {
  await fc.assert(
    fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 20 }), async records => {
      const decoded = await decodeBatches(await batchOf(records, compression), 0n, [])
      expect(decoded).toMatchObject({ next: 1000n + BigInt(records.length), failure: null })
      expect(
        decoded.records.map(({ offset, source, receivedAtMs, value }) => ({
          offset,
          source,
          receivedAtMs,
          value: [...value],
        })),
      ).toEqual(
        records.map(({ value, source, timestampMs }, at) => ({
          offset: 1000n + BigInt(at),
          source,
          receivedAtMs: timestampMs + 1,
          value: [...value],
        })),
      )
    }),
    { numRuns: 40 },
  )
})

it('marks a batch with any bit flipped behind its checksum as one corrupt record, and goes on behind it', async () => {
  const good = await batchOf(
    [{ key: Buffer.from('k'), value: Buffer.from('value'), timestampMs: 5, source: 's' }],
    'none',
  )
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 21, max: good.length - 1 }), fc.integer({ min: 0, max: 7 }), async (at, bit) => {
      const bad = Buffer.from(good)
      bad[at] = (bad[at] ?? 0) ^ (1 << bit)
      // The offset of the batch behind, as the broker would have given it.
      const behind = Buffer.from(good)
      behind.writeBigInt64BE(2000n, 0)
      const { records } = await decodeBatches(Buffer.concat([bad, behind]), 0n, [])
      expect(records.map(({ offset, corrupt }) => [offset, corrupt])).toEqual([
        [1000n, true],
        [2000n, false],
      ])
    }),
  )
})

it.each([
  ['before', -1],
  ['behind', 3],
])('takes a batch with a record that says an offset %s it for one corrupt record', async (_where, delta) => {
  const texts = ['a', 'b', 'c'].map(text => ({
    key: Buffer.alloc(0),
    value: Buffer.from(text),
    timestampMs: 5,
    source: '',
  }))
  const batch = await batchOf(texts, 'none')
  const plain = Buffer.from(batch.subarray(batchOverheadBytes))
  // Of the first record: its length in two bytes, attributes, time, then the offset within the batch, zigzag.
  expect(plain.readInt8(4)).toBe(0)
  plain[4] = delta < 0 ? 1 : delta * 2
  const { records, next, failure } = await decodeBatches(repacked(batch, 0, plain), 0n, [])
  expect(records.map(({ offset, corrupt }) => [offset, corrupt])).toEqual([[1000n, true]])
  expect([next, failure]).toEqual([1003n, null])
})

it('takes any bytes without hanging or throwing', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async bytes => {
      const { next, failure } = await decodeBatches(Buffer.from(bytes), 0n, [])
      expect(next === null || typeof next === 'bigint').toBe(true)
      expect(failure === null || failure.code === 'BUS_BROKER_ERROR').toBe(true)
    }),
    { numRuns: 2000 },
  )
})

it('stops before a batch in a compression that is not known here, and names it', async () => {
  const first = await batchOf([{ key: Buffer.alloc(0), value: Buffer.from('a'), timestampMs: 5, source: '' }], 'none')
  const unknown = repacked(first, 5, first.subarray(batchOverheadBytes))
  const { records, next, failure } = await decodeBatches(Buffer.concat([first, unknown]), 0n, [])
  expect(records).toHaveLength(1)
  expect(next).toBe(1001n)
  expect(failure).toMatchObject({
    code: 'BUS_UNSUPPORTED_COMPRESSION',
    message: 'messages are compressed with codec 5',
  })
})
