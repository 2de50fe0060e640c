import { promisify } from 'node:util'
import { gunzip, gzip, zstdCompress, zstdDecompress } from 'node:zlib'
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

/** Off the event loop. */
export async function compress(records: Buffer, compression: Compression): Promise<Buffer> {
  switch (compression) {
    case 'none':
      return records
    case 'gzip':
      return packGzip(records, { level: 1 })
    case 'zstd':
      return packZstd(records)
    default:
      return compression satisfies never
  }
}

/** @throws BUS_UNSUPPORTED_COMPRESSION; an error of zlib when the bytes are not what they say or become too many. */
export async function decompress(records: Buffer, code: number): Promise<Buffer> {
  switch (code) {
    case compressionCodes.none:
      return records
    case compressionCodes.gzip:
      return unpackGzip(records, { maxOutputLength: largestUnpackedBytes })
    case compressionCodes.zstd:
      return unpackZstd(records, { maxOutputLength: largestUnpackedBytes })
    default: {
      const name = foreignNames[code] ?? `codec ${code}`
      throw new NinefoldError('BUS_UNSUPPORTED_COMPRESSION', `messages are compressed with ${name}`)
    }
  }
}
