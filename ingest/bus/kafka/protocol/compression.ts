import { promisify } from 'node:util'
import { constants, gunzip, gzip, zstdCompress, zstdDecompress } from 'node:zlib'
import { NinefoldError } from '../../../../lib/errors.ts'
import { unpackLz4 } from './unpack-lz4.ts'
import { unpackSnappy } from './unpack-snappy.ts'

/** What is written; snappy and LZ4 pack worse than zstd, and are read only. */
export const compressions = ['none', 'gzip', 'zstd'] as const
export type Compression = (typeof compressions)[number]

/** As in the attributes of a record batch. */
export const compressionCodes = { none: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 } as const

/** What a batch may become when it is unpacked: a small batch must not fill the memory. */
export const largestUnpackedBytes = 256 * 1024 * 1024

const packGzip = promisify(gzip)
const unpackGzip = promisify(gunzip)
const packZstd = promisify(zstdCompress)
const unpackZstd = promisify(zstdDecompress)

/**
 * Each chunk of output is a way to a thread and back, which with Node's 16 KiB costs more than the unpacking itself; and a result of one chunk
 * keeps the whole chunk. So as large as the result is likely to be: telemetry shrinks to a sixth or so.
 */
const smallestChunkBytes = 16 * 1024
const largestChunkBytes = 1024 * 1024
const likelyRatio = 8
const chunkFor = (bytes: number): number => Math.min(largestChunkBytes, Math.max(smallestChunkBytes, Math.ceil(bytes)))

/** A sixth less CPU than the usual level for 2 % more bytes, on spans. */
const zstdParams = { [constants.ZSTD_c_compressionLevel]: 1 }

/** Off the event loop. */
export async function compress(records: Buffer, compression: Compression): Promise<Buffer> {
  const chunkSize = chunkFor(records.length / 4)
  switch (compression) {
    case 'none':
      return records
    case 'gzip':
      return packGzip(records, { level: 1, chunkSize })
    case 'zstd':
      return packZstd(records, { params: zstdParams, chunkSize })
    default:
      return compression satisfies never
  }
}

/** @throws BUS_UNSUPPORTED_COMPRESSION; another error when the bytes are not what they say or become too many. */
export async function decompress(records: Buffer, code: number): Promise<Buffer> {
  const options = { maxOutputLength: largestUnpackedBytes, chunkSize: chunkFor(records.length * likelyRatio) }
  switch (code) {
    case compressionCodes.none:
      return records
    case compressionCodes.gzip:
      return unpackGzip(records, options)
    case compressionCodes.snappy:
      return unpackSnappy(records, largestUnpackedBytes)
    case compressionCodes.lz4:
      return unpackLz4(records, largestUnpackedBytes)
    case compressionCodes.zstd:
      return unpackZstd(records, options)
    default:
      throw new NinefoldError('BUS_UNSUPPORTED_COMPRESSION', `messages are compressed with codec ${code}`)
  }
}
