import type { IncomingMessage } from 'node:http'
import {
  constants,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
  type Gunzip,
  type Inflate,
  type InflateRaw,
  type ZstdDecompress,
} from 'node:zlib'
import { NinefoldError } from '../../lib/errors.ts'
import type { Reservation } from './admission.ts'
import type { OtlpLimits } from './limits.ts'

type Inflater = Gunzip | Inflate | InflateRaw | ZstdDecompress

const encodings = ['identity', 'gzip', 'deflate', 'zstd'] as const
export type ContentEncoding = (typeof encodings)[number]

/** The one content-encoding of a request. Throws OTLP_UNSUPPORTED_ENCODING for others and for several. */
export function contentEncodingOf(header: string | undefined): ContentEncoding {
  const asked = (header ?? 'identity').trim().toLowerCase()
  const found = encodings.find(encoding => encoding === asked || (asked === 'x-gzip' && encoding === 'gzip'))
  if (found !== undefined) return found
  throw new NinefoldError('OTLP_UNSUPPORTED_ENCODING', `content-encoding ${JSON.stringify(asked.slice(0, 100))}`)
}

function tooLarge(limit: 'maxBodyBytes' | 'maxDecompressedBytes', bound: number): NinefoldError {
  const what = limit === 'maxBodyBytes' ? 'the body' : 'the inflated body'
  return new NinefoldError('OTLP_BODY_TOO_LARGE', `${what} exceeds ${bound} bytes`, { details: { limit } })
}

/** Reads the body as it was sent; stops at `maxBodyBytes`, at the reservation's bound, and when the sender goes away. */
export async function readSentBody(
  request: IncomingMessage,
  limits: OtlpLimits,
  reservation: Reservation,
): Promise<Buffer> {
  const announced = Number(request.headers['content-length'] ?? 0)
  if (announced > limits.maxBodyBytes) throw tooLarge('maxBodyBytes', limits.maxBodyBytes)
  const chunks: Buffer[] = []
  let length = 0
  await new Promise<void>((resolve, reject) => {
    const take = (chunk: Buffer) => {
      length += chunk.length
      try {
        if (length > limits.maxBodyBytes) throw tooLarge('maxBodyBytes', limits.maxBodyBytes)
        reservation.add(chunk.length)
        chunks.push(chunk)
      } catch (error) {
        // The rest still flows, unread, so that the sender gets the answer rather than a reset connection.
        request.off('data', take)
        request.resume()
        reject(error)
      }
    }
    request.on('data', take)
    request.once('end', resolve)
    request.once('error', cause => reject(cutShort(length, cause)))
    request.once('close', () => reject(cutShort(length)))
  })
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, length)
}

function cutShort(at: number, cause?: unknown): NinefoldError {
  return new NinefoldError('OTLP_MALFORMED_BODY', `the connection ended at byte ${at} of the body`, { cause })
}

const mebibyte = 1024 * 1024

function createInflater(encoding: Exclude<ContentEncoding, 'identity'>, body: Buffer): Inflater {
  // One large output chunk costs one trip to the thread pool where the default of 16 KiB costs dozens.
  const chunkSize = Math.min(Math.max(body.length * 12, 64 * 1024), mebibyte)
  if (encoding === 'gzip') return createGunzip({ chunkSize })
  if (encoding === 'zstd') {
    // A frame may ask for a window of up to 8 MiB (what RFC 9659 allows in HTTP); more would be memory for nothing.
    return createZstdDecompress({ chunkSize, params: { [constants.ZSTD_d_windowLogMax]: 23 } })
  }
  // HTTP's deflate is zlib's format; some senders leave its two-byte header out.
  const hasHeader = body.length >= 2 && body.readUInt16BE(0) % 31 === 0 && ((body[0] ?? 0) & 0x0f) === 8
  return hasHeader ? createInflate({ chunkSize }) : createInflateRaw({ chunkSize })
}

/**
 * The body with its content-encoding taken off, off the event loop. Inflating stops at `maxDecompressedBytes`, so that a
 * bomb costs no more than that. Throws OTLP_BODY_TOO_LARGE, and OTLP_MALFORMED_BODY with the position in the sent bytes.
 */
export async function inflateBody(
  body: Buffer,
  encoding: ContentEncoding,
  limits: OtlpLimits,
  reservation: Reservation,
): Promise<Buffer> {
  if (encoding === 'identity') {
    if (body.length > limits.maxDecompressedBytes) throw tooLarge('maxDecompressedBytes', limits.maxDecompressedBytes)
    return body
  }
  const inflater = createInflater(encoding, body)
  const chunks: Buffer[] = []
  let length = 0
  inflater.end(body)
  try {
    for await (const chunk of inflater as AsyncIterable<Buffer>) {
      length += chunk.length
      if (length > limits.maxDecompressedBytes) throw tooLarge('maxDecompressedBytes', limits.maxDecompressedBytes)
      reservation.add(chunk.length)
      chunks.push(chunk)
    }
  } catch (cause) {
    if (cause instanceof NinefoldError) throw cause
    const position = inflater.bytesWritten
    const reason = cause instanceof Error ? cause.message : String(cause)
    const text = `${encoding} is malformed at byte ${position} of ${body.length}: ${reason}`
    throw new NinefoldError('OTLP_MALFORMED_BODY', text, { cause, details: { byte: position } })
  } finally {
    inflater.destroy()
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, length)
}
