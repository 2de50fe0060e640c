import { uncompress } from 'snappy'
import { WireReader } from './wire-reader.ts'

/** What snappy-java writes before its blocks: a name, its version and the oldest version that can read it, 16 bytes together. */
const javaMagic = Buffer.from([0x82, ...Buffer.from('SNAPPY\0')])
const javaHeadBytes = 16
/** A copy of 64 bytes is written as three; nothing grows more. */
const largestGrowth = 64 / 3

/**
 * Java's clients and the broker write a row of blocks with a head of their own, others a single block. Off the event loop.
 * @throws an error when the bytes are not what they say, or would become more than `limit`: then before there is room made for them.
 */
export async function unpackSnappy(packed: Buffer, limit: number): Promise<Buffer> {
  const ofJava = packed.subarray(0, javaMagic.length).equals(javaMagic)
  const block = ofJava ? joinBlocks(packed.subarray(javaHeadBytes)) : packed
  const length = new WireReader(block).unsignedVarint()
  if (length > limit) throw new RangeError(`a snappy block of ${length} bytes, at most ${limit} are unpacked`)
  if (length > block.length * largestGrowth)
    throw new RangeError(`${block.length} bytes of snappy cannot hold ${length}`)
  const plain = await uncompress(block)
  return Buffer.isBuffer(plain) ? plain : Buffer.from(plain)
}

/**
 * A block is the length of what it holds, then literals and copies from so many bytes back. So blocks in a row are one block: the sum of their
 * lengths, then the rest of each. One call, and one place for the result, however many and small they are.
 */
function joinBlocks(row: Buffer): Buffer {
  const reader = new WireReader(row)
  const rests = Buffer.allocUnsafe(row.length)
  let end = 0
  let length = 0
  while (reader.left > 0) {
    const block = new WireReader(reader.raw(reader.int32()))
    length += block.unsignedVarint()
    end += block.raw(block.left).copy(rests, end)
  }
  return Buffer.concat([unsignedVarint(length), rests.subarray(0, end)])
}

function unsignedVarint(value: number): Buffer {
  const bytes: number[] = []
  for (let left = value; bytes.length === 0 || left > 0; left = Math.floor(left / 128))
    bytes.push((left % 128) + (left >= 128 ? 128 : 0))
  return Buffer.from(bytes)
}
