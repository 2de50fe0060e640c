import { crc32c } from '@node-rs/crc32'

/**
 * A record on disk: `varint length` + protobuf `Record { uint64 record_offset = 1; fixed64 received_at = 2; fixed32 crc = 3;
 * string source = 4; payload = 15 }`, so that any run of whole records is a stream the engine reads as it is. The checksum is CRC32C over
 * the fields before it and the fields after it.
 */
const tag = { offset: 0x08, receivedAt: 0x11, crc: 0x1d, source: 0x22, payload: 0x7a } as const
const maxSourceLength = 200
/** A record with an empty source and an empty payload. */
export const shortestRecordBytes = 21
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

/** Where a record's parts lie, told by its framing alone. */
interface Frame {
  readonly bodyAt: number
  readonly offset: number
  readonly crcAt: number
  readonly sourceAt: number
  readonly payloadTagAt: number
  readonly payloadAt: number
  readonly end: number
}

function readFrame(bytes: Buffer, position: number): Frame | undefined {
  const length = readVarint(bytes, position)
  if (length === undefined || bytes[length.end] !== tag.offset) return undefined
  const end = length.end + length.value
  if (end > bytes.length) return undefined
  const offset = readVarint(bytes, length.end + 1)
  if (offset === undefined || bytes[offset.end] !== tag.receivedAt) return undefined
  const crcAt = offset.end + receivedAtFieldBytes
  const sourceTagAt = crcAt + crcFieldBytes
  if (sourceTagAt > end || bytes[crcAt] !== tag.crc || bytes[sourceTagAt] !== tag.source) return undefined
  const source = readVarint(bytes, sourceTagAt + 1)
  if (source === undefined) return undefined
  const payloadTagAt = source.end + source.value
  if (payloadTagAt >= end || bytes[payloadTagAt] !== tag.payload) return undefined
  const payload = readVarint(bytes, payloadTagAt + 1)
  if (payload === undefined || payload.end + payload.value !== end) return undefined
  return {
    bodyAt: length.end,
    offset: offset.value,
    crcAt,
    sourceAt: source.end,
    payloadTagAt,
    payloadAt: payload.end,
    end,
  }
}

/** The position after what is framed as one whole record at `position`, whatever its checksum says; undefined when nothing is. */
export function endOfFrame(bytes: Buffer, position: number): number | undefined {
  return readFrame(bytes, position)?.end
}

/** The whole, intact record at `position`, or undefined when there is none: cut short, framing broken or checksum wrong. */
export function parseRecord(bytes: Buffer, position: number): ParsedRecord | undefined {
  const frame = readFrame(bytes, position)
  if (frame === undefined) return undefined
  const { bodyAt, offset, crcAt, sourceAt, payloadTagAt, payloadAt, end } = frame
  const checksum = crc32c(bytes.subarray(crcAt + crcFieldBytes, end), crc32c(bytes.subarray(bodyAt, crcAt)))
  if (checksum >>> 0 !== bytes.readUInt32LE(crcAt + 1)) return undefined
  return {
    offset: BigInt(offset),
    receivedAtMs: Number(bytes.readBigUInt64LE(crcAt - 8)),
    source: bytes.toString('utf8', sourceAt, payloadTagAt),
    payload: bytes.subarray(payloadAt, end),
    end,
  }
}
