import { crc32c } from '@node-rs/crc32'
import { NinefoldError } from '../../../../lib/errors.ts'
import type { Topic } from '../../bus.ts'

/** Where a payload may be cut, from outside in: resources, scopes, spans or log records or metrics, and a metric's data points. */
const resources = new Set([1])
const scopes = new Set([2])
const items = new Set([2])
const dataOfMetric = new Set([5, 7, 9, 10, 11])
const dataPoints = new Set([1])
const cuts: Readonly<Record<Topic, readonly ReadonlySet<number>[]>> = {
  otlp_spans: [resources, scopes, items],
  otlp_logs: [resources, scopes, items],
  otlp_metrics: [resources, scopes, items, dataOfMetric, dataPoints],
}

/** Tag and length of a part that is framed anew. */
const frameBytes = 6

interface Field {
  readonly number: number
  /** With tag and length. */
  readonly bytes: Buffer
  readonly content: Buffer
}

/** A part of a payload whose resources all belong to one partition. */
export interface PayloadPiece {
  readonly partition: number
  readonly key: Buffer
  readonly value: Uint8Array
}

/**
 * Sorts a payload's resources by partition, so that one resource keeps its order, and cuts what is larger than a message may be. Every
 * piece is a payload of its own: what surrounds a part is repeated around it.
 * A payload whose framing is broken (a dead letter that is put on the bus again) goes as it is.
 * @throws BUS_RECORD_TOO_LARGE when a single span, log record or data point is larger than a message may be.
 */
export function splitPayload(topic: Topic, value: Uint8Array, partitions: number, maxBytes: number): PayloadPiece[] {
  const payload = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  const [top, ...inner] = cuts[topic]
  const entries = readFields(payload)
  if (entries === null || !entries.every(({ number }) => top?.has(number)))
    return [whole(payload, partitions, maxBytes)]
  const hashes = entries.map(({ content }) => resourceHash(content))
  const first = hashes[0] ?? 0
  const partitionOf = (hash: number) => hash % partitions
  const stays = hashes.every(hash => partitionOf(hash) === partitionOf(first))
  if (stays && payload.length <= maxBytes) {
    return [{ partition: partitionOf(first), key: keyOf(first), value: payload }]
  }
  const known = entries.map((field, at) => ({ field, hash: hashes[at] ?? 0 }))
  return [...Map.groupBy(known, ({ hash }) => partitionOf(hash))].flatMap(([partition, group]) => {
    const key = keyOf(group[0]?.hash ?? 0)
    const fields = group.map(({ field }) => field)
    return pack(fields, Buffer.alloc(0), inner, maxBytes).map(piece => ({ partition, key, value: piece }))
  })
}

function whole(payload: Buffer, partitions: number, maxBytes: number): PayloadPiece {
  if (payload.length > maxBytes) throw tooLarge(payload.length, maxBytes)
  const hash = crc32c(payload) >>> 0
  return { partition: hash % partitions, key: keyOf(hash), value: payload }
}

function tooLarge(bytes: number, maxBytes: number): NinefoldError {
  const text = `one item of ${bytes} bytes does not fit into a message of ${maxBytes}`
  return new NinefoldError('BUS_RECORD_TOO_LARGE', `${text} (kafka.maxMessageBytes)`)
}

const keyOf = (hash: number): Buffer => Buffer.from(hash.toString(16).padStart(8, '0'))

/** Of the resource itself, field 1 of what holds it. */
function resourceHash(content: Buffer): number {
  const resource = readFields(content)?.find(({ number }) => number === 1)
  return resource === undefined ? 0 : crc32c(resource.content) >>> 0
}

/** Gathers parts, each in order, into as few messages as their size allows; a part that is too large itself is cut further. */
function pack(
  parts: readonly Field[],
  around: Buffer,
  inner: readonly ReadonlySet<number>[],
  maxBytes: number,
): Buffer[] {
  const room = maxBytes - around.length
  const pieces: Buffer[] = []
  let gathered: Buffer[] = []
  let bytes = 0
  const flush = () => {
    if (gathered.length > 0) pieces.push(Buffer.concat([around, ...gathered]))
    gathered = []
    bytes = 0
  }
  for (const part of parts) {
    const fitting = part.bytes.length <= room ? [part.bytes] : cut(part, inner, room)
    for (const piece of fitting) {
      if (bytes + piece.length > room) flush()
      gathered.push(piece)
      bytes += piece.length
    }
  }
  flush()
  return pieces
}

function cut(part: Field, [at, ...inner]: readonly ReadonlySet<number>[], maxBytes: number): Buffer[] {
  const fields = at === undefined ? [] : (readFields(part.content) ?? [])
  const parts = fields.filter(({ number }) => at?.has(number))
  const rest = Buffer.concat(fields.filter(({ number }) => !at?.has(number)).map(({ bytes }) => bytes))
  if (parts.length === 0 || rest.length + frameBytes > maxBytes) {
    throw tooLarge(part.bytes.length, maxBytes)
  }
  return pack(parts, rest, inner, maxBytes - frameBytes).map(content => frame(part.number, content))
}

function frame(number: number, content: Buffer): Buffer {
  const head = [(number << 3) | 2]
  let rest = content.length
  while (rest > 127) {
    head.push((rest % 128) | 128)
    rest = Math.floor(rest / 128)
  }
  return Buffer.concat([Buffer.from([...head, rest]), content])
}

/** The top-level fields of a message, or null when its framing is broken. */
function readFields(bytes: Buffer): Field[] | null {
  const fields: Field[] = []
  for (let at = 0; at < bytes.length; ) {
    const tag = readVarint(bytes, at)
    const content = tag === null ? null : contentOf(bytes, tag.value & 7, tag.end)
    if (tag === null || content === null || content.end > bytes.length) return null
    const { start, end } = content
    fields.push({ number: tag.value >>> 3, bytes: bytes.subarray(at, end), content: bytes.subarray(start, end) })
    at = end
  }
  return fields
}

/** Where a field's content lies, by its wire type; null for one that OTLP does not use. */
function contentOf(bytes: Buffer, wire: number, from: number): { readonly start: number; readonly end: number } | null {
  if (wire === 1) return { start: from, end: from + 8 }
  if (wire === 5) return { start: from, end: from + 4 }
  const number = wire === 0 || wire === 2 ? readVarint(bytes, from) : null
  if (number === null) return null
  return wire === 0 ? { start: from, end: number.end } : { start: number.end, end: number.end + number.value }
}

function readVarint(bytes: Buffer, from: number): { readonly value: number; readonly end: number } | null {
  let value = 0
  let factor = 1
  for (let at = from; at < bytes.length && at < from + 10; at++) {
    const byte = bytes[at] ?? 0
    value += (byte & 127) * factor
    if (byte < 128) return { value, end: at + 1 }
    factor *= 128
  }
  return null
}
