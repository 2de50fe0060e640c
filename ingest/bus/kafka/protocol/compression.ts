import { promisify } from 'node:util'
import { constants, gunzip, gzip, zstdCompress, zstdDecompress } from 'node:zlib'
import { NinefoldError } from '../../../../lib/errors.ts'

export const compressions = ['none', 'gzip', 'zstd'] as const
export type Compression = (typeof compressions)[number]

/** As in the attributes of a record batch. Snappy and LZ4 are not among Node's own and are refused by name. */
export const compressionCodes: Readonly<Record<Compression, number>> = { none: 0, gzip: 1, zstd: 4 }
const foreignNames: Readonly<Record<number, string>> = { 2: 'snappy', 3: 'lz4' }

/** What a batch may become when it is unpacked: a small batch must not fill the memory. */
const largestUnpackedBytes = 256 * 1024 * 1024

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

/** @throws BUS_UNSUPPORTED_COMPRESSION; an error of zlib when the bytes are not what they say or become too many. */
export async function decompress(records: Buffer, code: number): Promise<Buffer> {
  const options = { maxOutputLength: largestUnpackedBytes, chunkSize: chunkFor(records.length * likelyRatio) }
  switch (code) {
    case compressionCodes.none:
      return records
    case compressionCodes.gzip:
      return unpackGzip(records, options)
    case compressionCodes.zstd:
      return unpackZstd(records, options)
    default: {
      const name = foreignNames[code] ?? `codec ${code}`
      throw new NinefoldError('BUS_UNSUPPORTED_COMPRESSION', `messages are compressed with ${name}`)
    }
  }
}
