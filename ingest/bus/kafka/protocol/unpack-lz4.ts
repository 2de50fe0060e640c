import { decompressFrame } from 'lz4-napi'

const magic = 0x184d2204
/** Flags of a frame's head, and by the number in its second byte what a block of it holds at most. */
const flags = { blockChecksums: 16, contentSize: 8, contentChecksum: 4, dictionary: 1 } as const
const version = 1
const blockBytes: Readonly<Record<number, number>> = { 4: 64 * 1024, 5: 256 * 1024, 6: 1024 * 1024, 7: 4 * 1024 * 1024 }
/** Of a block's length: it is not packed. */
const storedBit = 0x8000_0000
/** A byte makes a copy longer by 255 at most; nothing grows more. */
const largestGrowth = 255

/**
 * A frame of LZ4, as all of Kafka's clients write it. Off the event loop.
 * @throws an error when the bytes are not what they say, or could become more than `limit`: then before anything is unpacked.
 */
export async function unpackLz4(packed: Buffer, limit: number): Promise<Buffer> {
  const { end, most } = measureFrame(packed)
  if (most > limit) throw new RangeError(`LZ4 that may hold ${most} bytes, at most ${limit} are unpacked`)
  return decompressFrame(packed.subarray(0, end))
}

/**
 * Where a frame ends, and what it becomes at most. The library takes a frame however large it becomes, and what the frame itself says of its
 * size is only compared at the end; so it is worked out from the lengths of the blocks. @throws RangeError
 */
function measureFrame(frame: Buffer): { readonly end: number; readonly most: number } {
  const [flag, blockSize] = [frame.readUInt8(4), frame.readUInt8(5) >> 4]
  const has = (bit: number) => (flag & bit) !== 0
  const largestBlock = blockBytes[blockSize]
  if (frame.readUInt32LE() !== magic || flag >> 6 !== version || largestBlock === undefined)
    throw new RangeError('no frame of LZ4')
  let at = 7 + (has(flags.contentSize) ? 8 : 0) + (has(flags.dictionary) ? 4 : 0)
  let most = 0
  for (let head = frame.readUInt32LE(at); head !== 0; head = frame.readUInt32LE(at)) {
    const length = head % storedBit
    most += Math.min(largestBlock, head < storedBit ? length * largestGrowth : length)
    at += 4 + length + (has(flags.blockChecksums) ? 4 : 0)
  }
  return { end: at + 4 + (has(flags.contentChecksum) ? 4 : 0), most }
}
