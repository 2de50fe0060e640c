import type { IncomingMessage } from 'node:http'
import { NinefoldError } from '../../lib/errors.ts'
import type { Reservation } from './admission.ts'
import type { OtlpLimits } from './limits.ts'

export function tooLarge(limit: 'maxBodyBytes' | 'maxDecompressedBytes', bound: number): NinefoldError {
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
  // Chunks are copied as they come and die young; a list of them would keep the body in memory twice.
  let body: Buffer = Buffer.allocUnsafeSlow(announced)
  let length = 0
  const append = (chunk: Buffer) => {
    if (length + chunk.length > limits.maxBodyBytes) throw tooLarge('maxBodyBytes', limits.maxBodyBytes)
    reservation.add(chunk.length)
    if (length + chunk.length > body.length) body = grown(body, length, chunk.length)
    length += chunk.copy(body, length)
  }
  await new Promise<void>((resolve, reject) => {
    const take = (chunk: Buffer) => {
      try {
        append(chunk)
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
    request.once('close', () => request.complete || reject(cutShort(length)))
  })
  return body.subarray(0, length)
}

function grown(body: Buffer, used: number, more: number): Buffer {
  const larger = Buffer.allocUnsafeSlow(Math.max(used + more, used * 2, 64 * 1024))
  body.copy(larger, 0, 0, used)
  return larger
}

function cutShort(at: number, cause?: unknown): NinefoldError {
  return new NinefoldError('OTLP_MALFORMED_BODY', `the connection ended at byte ${at} of the body`, { cause })
}
