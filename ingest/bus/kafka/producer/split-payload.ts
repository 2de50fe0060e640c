import { crc32c } from '@node-rs/crc32'
import type { Topic } from '../../bus.ts'
import { type Field, frame, frameBytes, readFields } from './payload-fields.ts'

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
  // JSON is not cut: what is too large is told to whoever sent it.
  ninefold_events: [],
}

/** A part of a payload whose resources all belong to one partition. */
export interface PayloadPiece {
  readonly partition: number
  readonly key: Buffer
  readonly value: Uint8Array
}

export interface SplitPayload {
  readonly pieces: readonly PayloadPiece[]
  /** Payloads of what no message can hold: one span, log record or data point each, or what shares surroundings that are too large. */
  readonly tooLarge: readonly Uint8Array[]
}

/**
 * Sorts a payload's resources by partition, so that one resource keeps its order, and cuts what is larger than a message may be. Every
 * piece is a payload of its own: what surrounds a part is repeated around it.
 * A payload whose framing is broken (a dead letter that is put on the bus again) goes as it is.
 */
export function splitPayload(topic: Topic, value: Uint8Array, partitions: number, maxBytes: number): SplitPayload {
  const payload = bufferOf(value)
  const [top, ...inner] = cuts[topic]
  const entries = readFields(payload)
  if (entries === null || !entries.every(({ number }) => top?.has(number)))
    return sortOut([whole(payload, partitions)], maxBytes)
  const hashes = entries.map(({ content }) => resourceHash(content))
  const first = hashes[0] ?? 0
  const partitionOf = (hash: number) => hash % partitions
  const stays = hashes.every(hash => partitionOf(hash) === partitionOf(first))
  if (stays && payload.length <= maxBytes) {
    return { pieces: [{ partition: partitionOf(first), key: keyOf(first), value: payload }], tooLarge: [] }
  }
  const known = entries.map((field, at) => ({ field, hash: hashes[at] ?? 0 }))
  const pieces = [...Map.groupBy(known, ({ hash }) => partitionOf(hash))].flatMap(([partition, group]) => {
    const key = keyOf(group[0]?.hash ?? 0)
    const fields = group.map(({ field }) => field)
    return pack(fields, nothing, inner, limitsOf(maxBytes)).map(piece => ({ partition, key, value: piece }))
  })
  return sortOut(pieces, maxBytes)
}

/**
 * A payload that a broker has refused as too large, in parts of about half its size, each in order; one where it cannot be cut further.
 * A single item may be larger than half, and is tried by itself.
 */
export function halvePayload(topic: Topic, value: Uint8Array): readonly Uint8Array[] {
  const payload = bufferOf(value)
  const [top, ...inner] = cuts[topic]
  const entries = readFields(payload)
  if (entries === null || !entries.every(({ number }) => top?.has(number))) return [payload]
  return pack(entries, nothing, inner, limitsOf(Math.ceil(payload.length / 2)))
}

/** Spans, log records or data points of a payload. */
export function countItems(topic: Topic, value: Uint8Array): number {
  const count = (bytes: Buffer, [at, ...inner]: readonly ReadonlySet<number>[]): number => {
    if (at === undefined) return 1
    const parts = (readFields(bytes) ?? []).filter(({ number }) => at.has(number))
    return parts.reduce((sum, { content }) => sum + count(content, inner), 0)
  }
  return count(bufferOf(value), cuts[topic])
}

const bufferOf = (value: Uint8Array): Buffer => Buffer.from(value.buffer, value.byteOffset, value.byteLength)

function sortOut(pieces: readonly PayloadPiece[], maxBytes: number): SplitPayload {
  const fits = ({ value }: PayloadPiece) => value.length <= maxBytes
  return {
    pieces: pieces.filter(fits),
    tooLarge: pieces.filter(piece => !fits(piece)).map(({ value }) => value),
  }
}

function whole(payload: Buffer, partitions: number): PayloadPiece {
  const hash = crc32c(payload) >>> 0
  return { partition: hash % partitions, key: keyOf(hash), value: payload }
}

const keyOf = (hash: number): Buffer => Buffer.from(hash.toString(16).padStart(8, '0'))

/** Of the resource itself, field 1 of what holds it. */
function resourceHash(content: Buffer): number {
  const resource = readFields(content)?.find(({ number }) => number === 1)
  return resource === undefined ? 0 : crc32c(resource.content) >>> 0
}

interface Limits {
  /** Of what is gathered at this level, surroundings included. */
  readonly maxBytes: number
  /** What surroundings must leave of it: they are repeated in every message, and would otherwise make many times what was sent. */
  readonly leastRoom: number
}

const nothing = Buffer.alloc(0)
const limitsOf = (maxBytes: number): Limits => ({ maxBytes, leastRoom: maxBytes / 2 })

/**
 * Gathers parts, each in order, into as few messages as their size allows; a part that is too large itself is cut further. What cannot be
 * cut makes a message of its own, too large as it is.
 */
function pack(
  parts: readonly Field[],
  around: Buffer,
  inner: readonly ReadonlySet<number>[],
  { maxBytes, leastRoom }: Limits,
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
    const fitting = part.bytes.length <= room ? [part.bytes] : cut(part, inner, { maxBytes: room, leastRoom })
    for (const piece of fitting) {
      if (bytes + piece.length > room) flush()
      gathered.push(piece)
      bytes += piece.length
    }
  }
  flush()
  return pieces
}

function cut(part: Field, [at, ...inner]: readonly ReadonlySet<number>[], { maxBytes, leastRoom }: Limits): Buffer[] {
  const fields = at === undefined ? [] : (readFields(part.content) ?? [])
  const parts = fields.filter(({ number }) => at?.has(number))
  const rest = Buffer.concat(fields.filter(({ number }) => !at?.has(number)).map(({ bytes }) => bytes))
  const room = maxBytes - frameBytes
  if (parts.length === 0 || room - rest.length < leastRoom) return [part.bytes]
  return pack(parts, rest, inner, { maxBytes: room, leastRoom }).map(content => frame(part.number, content))
}
