import fc from 'fast-check'
import { compressFrameSync } from 'lz4-napi'
import { compressSync } from 'snappy'
import { describe, expect, it } from 'vitest'
import {
  compress,
  compressionCodes,
  decompress,
  largestUnpackedBytes,
} from '../../../../ingest/bus/kafka/protocol/compression.ts'
import { decodeBatches } from '../../../../ingest/bus/kafka/protocol/decode-batches.ts'
import { batchOverheadBytes, encodeBatch } from '../../../../ingest/bus/kafka/protocol/encode-batch.ts'
import { repacked } from './repacked.ts'

const { gzip, snappy, lz4, zstd } = compressionCodes
const mebibyte = 1024 * 1024

/** The head of snappy-java, and each block behind its length. */
function asJava(bytes: Buffer, blockBytes: number): Buffer {
  const pieces: Uint8Array[] = [Buffer.from('82534e41505059000000000100000001', 'hex')]
  for (let at = 0; at < bytes.length; at += blockBytes) pieces.push(javaBlock(bytes.subarray(at, at + blockBytes)))
  return Buffer.concat(pieces)
}

function javaBlock(bytes: Uint8Array): Buffer {
  const block = compressSync(bytes)
  const length = Buffer.alloc(4)
  length.writeInt32BE(block.length)
  return Buffer.concat([length, block])
}

const packers: readonly (readonly [name: string, code: number, pack: (bytes: Buffer) => Buffer | Promise<Buffer>])[] = [
  ['gzip', gzip, bytes => compress(bytes, 'gzip')],
  ['snappy in one block', snappy, bytes => compressSync(bytes)],
  ['snappy in blocks of Java', snappy, bytes => asJava(bytes, 1000)],
  ['LZ4', lz4, bytes => compressFrameSync(bytes)],
  ['LZ4 with checksums', lz4, bytes => compressFrameSync(bytes, { blockChecksums: true, contentChecksum: true })],
  ['zstd', zstd, bytes => compress(bytes, 'zstd')],
]

/** Bytes that shrink well, hardly or not at all. */
const telemetry = fc
  .tuple(fc.uint8Array({ maxLength: 400 }), fc.integer({ min: 1, max: 400 }))
  .map(([bytes, times]) => Buffer.concat(Array.from({ length: times }, () => bytes)))

describe.each(packers)('%s', (_name, code, pack) => {
  it('gives back what was packed', async () => {
    await fc.assert(
      fc.asyncProperty(telemetry, async bytes => {
        expect((await decompress(await pack(bytes), code)).equals(bytes)).toBe(true)
      }),
      { numRuns: 60 },
    )
  })

  it('cut short anywhere is one corrupt record, and what follows is read', async () => {
    const { batch, packed } = await batchOf(pack)
    await fc.assert(
      fc.asyncProperty(fc.nat(packed.length - 1), async length => {
        const cut = repacked(batch, code, packed.subarray(0, length))
        const { records, next, failure } = await decodeBatches(Buffer.concat([cut, behind(batch)]), 0n, [])
        expect(failure).toBeNull()
        expect(next).toBe(2003n)
        expect(records.map(({ offset, corrupt }) => [offset, corrupt])).toEqual([
          [1000n, true],
          [2000n, false],
          [2001n, false],
          [2002n, false],
        ])
      }),
      { numRuns: 200 },
    )
  })

  it('damaged anyhow is one corrupt record or as many as the batch says, and what follows is read', async () => {
    const { batch, packed } = await batchOf(pack)
    const damage = fc.array(fc.tuple(fc.nat(packed.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(damage, async changes => {
        const bad = Buffer.from(packed)
        for (const [at, byte] of changes) bad[at] = byte
        const both = Buffer.concat([repacked(batch, code, bad), behind(batch)])
        const { records, next, failure } = await decodeBatches(both, 0n, [])
        expect(failure).toBeNull()
        expect(next).toBe(2003n)
        const damaged = records.slice(0, -3)
        expect(damaged.length === 1 ? damaged[0]?.corrupt : damaged.length === 3).toBe(true)
        expect(records.slice(-3).map(({ value }) => value.length)).toEqual([5000, 300, 0])
      }),
      { numRuns: 500 },
    )
  })
})

/** Three records of little and much, and what is packed of them. */
async function batchOf(pack: (bytes: Buffer) => Buffer | Promise<Buffer>) {
  const lengths = [5000, 300, 0]
  const records = lengths.map(length => ({
    key: Buffer.from('key'),
    value: Buffer.from(Array.from({ length }, (_, at) => (at * at) % 7)),
    timestampMs: 5,
    headers: [],
  }))
  const batch = await encodeBatch(records, { producerId: 7n, epoch: 1, first: 0 }, 'none')
  batch.writeBigInt64BE(1000n)
  return { batch, packed: await pack(batch.subarray(batchOverheadBytes)) }
}

function behind(batch: Buffer): Buffer {
  const next = Buffer.from(batch)
  next.writeBigInt64BE(2000n)
  return next
}

describe('a batch that would fill the memory', () => {
  const zeros = Buffer.alloc(4 * mebibyte)
  const lengthOf = (bytes: number) => {
    const told = Buffer.alloc(5)
    for (let at = 0; at < 5; at++) told[at] = (Math.floor(bytes / 128 ** at) % 128) + (at < 4 ? 128 : 0)
    return told
  }

  it('of snappy is refused by the length that it tells', async () => {
    const block = Buffer.concat([lengthOf(largestUnpackedBytes + 1), Buffer.alloc(16 * mebibyte)])
    await expect(decompress(block, snappy)).rejects.toThrow(`at most ${largestUnpackedBytes} are unpacked`)
  })

  it('of snappy is refused when so few bytes cannot hold so many', async () => {
    const block = Buffer.concat([lengthOf(largestUnpackedBytes), Buffer.alloc(1000)])
    await expect(decompress(block, snappy)).rejects.toThrow(`1005 bytes of snappy cannot hold ${largestUnpackedBytes}`)
  })

  it('of snappy in blocks is refused by the sum of their lengths', async () => {
    const head = asJava(Buffer.alloc(0), 1)
    const row = [head, ...Array.from({ length: 65 }, () => javaBlock(zeros))]
    await expect(decompress(Buffer.concat(row), snappy)).rejects.toThrow(`at most ${largestUnpackedBytes} are unpacked`)
    const few = await decompress(Buffer.concat(row.slice(0, 3)), snappy)
    expect(few.equals(Buffer.alloc(8 * mebibyte))).toBe(true)
  })

  it('of LZ4 is refused by the number and the lengths of its blocks', async () => {
    // What the library makes of four mebibytes is one block, so the frame is its head, the block and an end mark of four bytes.
    const frame = compressFrameSync(zeros)
    const [head, block, end] = [frame.subarray(0, 7), frame.subarray(7, -4), frame.subarray(-4)]
    expect(block.readUInt32LE()).toBe(block.length - 4)
    const times = (count: number) => Buffer.concat([head, ...Array.from({ length: count }, () => block), end])
    await expect(decompress(times(65), lz4)).rejects.toThrow(`at most ${largestUnpackedBytes} are unpacked`)
    const few = await decompress(times(2), lz4)
    expect(few.equals(Buffer.alloc(8 * mebibyte))).toBe(true)
  })

  it('of LZ4 is not believed what it says of its size', async () => {
    const frame = compressFrameSync(zeros.subarray(0, 1000))
    const saying = Buffer.concat([frame.subarray(0, 6), Buffer.from('ffffffffffffff0f', 'hex'), frame.subarray(6)])
    saying[4] = 0x68
    // The head's checksum has one byte, so that all of them can be tried.
    const answers = new Set<string>()
    for (let checksum = 0; checksum < 256; checksum++) {
      saying[14] = checksum
      answers.add(await decompress(saying, lz4).then(() => 'taken', String))
    }
    expect([...answers].filter(answer => !answer.includes('HeaderChecksum'))).toEqual([
      'Error: ContentLengthError { expected: 1152921504606846975, actual: 1000 }',
    ])
  })
})
