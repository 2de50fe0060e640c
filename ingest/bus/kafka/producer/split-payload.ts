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
 * @throws BUS_RECORD_TOO_LARGE when a single span, log record or data point is larger than a message may be.
 */
export function splitPayload(topic: Topic, value: Uint8Array, partitions: number, maxBytes: number): PayloadPiece[] {
  const payload = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  const [top, ...inner] = cuts[topic]
  const entries = readFields(payload)
  const hashes = entries.map(({ content }) => resourceHash(content))
  const first = hashes[0] ?? 0
  const partitionOf = (hash: number) => hash % partitions
  const stays = hashes.every(hash => partitionOf(hash) === partitionOf(first))
  if (stays && payload.length <= maxBytes) {
    return [{ partition: partitionOf(first), key: keyOf(first), value: payload }]
  }
  const known = entries.flatMap((field, at) => {
    const hash = hashes[at] ?? 0
    return top?.has(field.number) === true ? [{ field, hash }] : []
  })
  return [...Map.groupBy(known, ({ hash }) => partitionOf(hash))].flatMap(([partition, group]) => {
    const key = keyOf(group[0]?.hash ?? 0)
    const fields = group.map(({ field }) => field)
    return pack(fields, Buffer.alloc(0), inner, maxBytes).map(piece => ({ partition, key, value: piece }))
  })
}

const keyOf = (hash: number): Buffer => Buffer.from(hash.toString(16).padStart(8, '0'))

/** Of the resource itself, field 1 of what holds it. */
function resourceHash(content: Buffer): number {
  const resource = readFields(content).find(({ number }) => number === 1)
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
  const fields = at === undefined ? [] : readFields(part.content)
  const parts = fields.filter(({ number }) => at?.has(number))
  const rest = Buffer.concat(fields.filter(({ number }) => !at?.has(number)).map(({ bytes }) => bytes))
  if (parts.length === 0 || rest.length + frameBytes > maxBytes) {
    const text = `one item of ${part.bytes.length} bytes does not fit into a message of ${maxBytes}`
    throw new NinefoldError('BUS_RECORD_TOO_LARGE', `${text} (kafka.maxMessageBytes)`)
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

/** The top-level fields of a message whose framing was checked by the gateway. */
function readFields(bytes: Buffer): Field[] {
  const fields: Field[] = []
  for (let at = 0; at < bytes.length; ) {
    const tag = readVarint(bytes, at)
    const wire = tag.value & 7
    let start = tag.end
    let end: number
    if (wire === 2) {
      const length = readVarint(bytes, tag.end)
      start = length.end
      end = length.end + length.value
    } else if (wire === 0) end = readVarint(bytes, tag.end).end
    else end = tag.end + (wire === 1 ? 8 : 4)
    if (end > bytes.length) throw new NinefoldError('INTERNAL', 'a payload reached the bus whose framing is broken')
    fields.push({ number: tag.value >>> 3, bytes: bytes.subarray(at, end), content: bytes.subarray(start, end) })
    at = end
  }
  return fields
}

function readVarint(bytes: Buffer, from: number): { readonly value: number; readonly end: number } {
  let value = 0
  let factor = 1
  for (let at = from; at < bytes.length && at < from + 10; at++) {
    const byte = bytes[at] ?? 0
    value += (byte & 127) * factor
    if (byte < 128) return { value, end: at + 1 }
    factor *= 128
  }
  throw new NinefoldError('INTERNAL', 'a payload reached the bus whose framing is broken')
}
