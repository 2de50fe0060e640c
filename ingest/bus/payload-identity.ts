import { hash } from 'node:crypto'
import { crc32, crc32c } from '@node-rs/crc32'

/**
 * Two payloads of one topic with the same bytes are one delivery when the second came within this time of the first: an exporter that had no
 * answer sends again. Longer than a Collector goes on (`retry_on_failure.max_elapsed_time`, five minutes), and than SDKs do.
 */
export const repeatWindowMs = 6 * 60_000

/** So much of either end is digested: ids and times, which nobody knows before the payload is sent. */
const endBytes = 1024

/**
 * Tells payloads apart by their bytes, 128 bits in the notation of a UUID: half of a SHA-1 of the ends (of all when it is short), and CRC-32
 * and CRC-32C of all. A SHA-1 of all would take a tenth of what a sink takes for a span: docs/decisions/0011-repeats.md.
 */
export function identityOf(value: Uint8Array): string {
  const isShort = value.length <= 2 * endBytes
  const ends = isShort ? value : Buffer.concat([value.subarray(0, endBytes), value.subarray(-endBytes)])
  const digest = hash('sha1', ends, 'hex')
  const whole = hex(crc32(value)) + hex(crc32c(value))
  return `${digest.slice(0, 8)}-${digest.slice(8, 12)}-${digest.slice(12, 16)}-${whole.slice(0, 4)}-${whole.slice(4)}`
}

const hex = (checksum: number): string => (checksum >>> 0).toString(16).padStart(8, '0')
