import { crc32c } from '@node-rs/crc32'

/**
 * A record on disk: `varint length` + protobuf `Record { uint64 record_offset = 1; fixed64 received_at = 2; fixed32 crc = 3;
 * string source = 4; payload = 15 }`, so that any run of whole records is a stream the engine reads as it is. The checksum is CRC32C over
 * the fields before it and the fields after it.
 */
const tag = { offset: 0x08, receivedAt: 0x11, crc: 0x1d, source: 0x22, payload: 0x7a } as const
const maxSourceLength = 200
const crcFieldBytes = 5
const receivedAtFieldBytes = 9

export interface EncodedRecord {
  /** Length prefix, offset, time, checksum, source and the payload's own tag and length. */
  readonly head: Buffer
  readonly payload: Uint8Array
}

export interface ParsedRecord {
  readonly offset: bigint
  readonly receivedAtMs: number
  readonly source: string
  readonly payload: Buffer
  /** Position after the record. */
  readonly end: number
}

function writeVarint(target: Buffer, position: number, value: number): number {
  let rest = value
  let at = position
  while (rest > 127) {
    target[at++] = (rest % 128) | 128
    rest = Math.floor(rest / 128)
  }
  target[at++] = rest
  return at
}

function varintLength(value: number): number {
  let length = 1
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) length++
  return length
}

/** The varint at `position` and where it ends, or undefined when the bytes end first or it is longer than a safe integer. */
function readVarint(bytes: Buffer, position: number): { value: number; end: number } | undefined {
  let value = 0
  let factor = 1
  for (let at = position; at < bytes.length && at < position + 8; at++) {
    const byte = bytes[at] ?? 0
    value += (byte & 127) * factor
    if (byte < 128) return Number.isSafeInteger(value) ? { value, end: at + 1 } : undefined
    factor *= 128
  }
  return undefined
}

/** The record's bytes; the payload itself is not copied. */
export function encodeRecord(offset: bigint, receivedAtMs: number, source: string, payload: Uint8Array): EncodedRecord {
  const sourceBytes = Buffer.from(source.slice(0, maxSourceLength))
  const offsetNumber = Number(offset)
  const offsetField = 1 + varintLength(offsetNumber)
  const sourceField = 1 + varintLength(sourceBytes.length) + sourceBytes.length
  const payloadHead = 1 + varintLength(payload.length)
  const body = offsetField + receivedAtFieldBytes + crcFieldBytes + sourceField + payloadHead + payload.length
  const head = Buffer.allocUnsafe(varintLength(body) + body - payload.length)
  let at = writeVarint(head, 0, body)
  const bodyStart = at
  head[at++] = tag.offset
  at = writeVarint(head, at, offsetNumber)
  head[at++] = tag.receivedAt
  at = head.writeBigUInt64LE(BigInt(receivedAtMs), at)
  const crcAt = at
  head[at++] = tag.crc
  at += 4
  head[at++] = tag.source
  at = writeVarint(head, at, sourceBytes.length)
  at += sourceBytes.copy(head, at)
  head[at++] = tag.payload
  at = writeVarint(head, at, payload.length)
  let checksum = crc32c(head.subarray(bodyStart, crcAt))
  checksum = crc32c(head.subarray(crcAt + crcFieldBytes, at), checksum)
  checksum = crc32c(payload, checksum)
  head.writeUInt32LE(checksum >>> 0, crcAt + 1)
  return { head, payload }
}

/** The whole, intact record at `position`, or undefined when there is none: cut short, framing broken or checksum wrong. */
export function parseRecord(bytes: Buffer, position: number): ParsedRecord | undefined {
  const length = readVarint(bytes, position)
  if (length === undefined || bytes[length.end] !== tag.offset) return undefined
  const end = length.end + length.value
  if (end > bytes.length) return undefined
  const offset = readVarint(bytes, length.end + 1)
  if (offset === undefined || bytes[offset.end] !== tag.receivedAt) return undefined
  const crcAt = offset.end + receivedAtFieldBytes
  if (crcAt + crcFieldBytes > end || bytes[crcAt] !== tag.crc) return undefined
  const sourceLength = readVarint(bytes, crcAt + crcFieldBytes + 1)
  if (sourceLength === undefined) return undefined
  const payloadAt = sourceLength.end + sourceLength.value
  if (payloadAt >= end || bytes[payloadAt] !== tag.payload) return undefined
  const payloadLength = readVarint(bytes, payloadAt + 1)
  if (payloadLength === undefined || payloadLength.end + payloadLength.value !== end) return undefined
  const checksum = crc32c(bytes.subarray(crcAt + crcFieldBytes, end), crc32c(bytes.subarray(length.end, crcAt)))
  if (checksum >>> 0 !== bytes.readUInt32LE(crcAt + 1)) return undefined
  return {
    offset: BigInt(offset.value),
    receivedAtMs: Number(bytes.readBigUInt64LE(offset.end + 1)),
    source: bytes.toString('utf8', sourceLength.end, payloadAt),
    payload: bytes.subarray(payloadLength.end, end),
    end,
  }
}
