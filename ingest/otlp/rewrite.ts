import { anyValueFields, exoticText } from './any-value-text.ts'
import { narrowed } from './narrow-numbers.ts'
import { type RepairedTimes, repairTimes } from './repaired-times.ts'
import { isUtf8Range } from './utf8.ts'
import type { Walker } from './walk.ts'
import { WireCursor } from './wire-cursor.ts'
import type { WireField, WireMessage, WireTable } from './wire-table.ts'
import { WireWriter } from './wire-writer.ts'

export interface Rewritten {
  readonly bytes: Buffer
  /** Instants replaced because no column can hold them. */
  readonly impossibleTimes: number
  /** Strings in which bytes that are not UTF-8 became U+FFFD. */
  readonly invalidStrings: number
  /** Spans, log records and data points whose own time is the time of receipt. */
  readonly timesOfReceipt: number
}

export interface RewriteOptions {
  readonly table: WireTable
  /** Tells which messages can be passed over whole; its limits do not count here. */
  readonly walker: Walker
  readonly receivedAtMs: number
  /** Repair strings alone, which is what a protobuf library needs before it reads the payload. */
  readonly stringsOnly?: boolean
}

/**
 * Copies a walked payload, changing only what the engine cannot take: exotic values become text, bytes that are not UTF-8
 * become U+FFFD, numbers are cut to the bits of their type, absent and impossible instants are replaced. Everything else, unknown fields too, keeps its bytes.
 */
export function rewrite(payload: Uint8Array, rootMessage: number, options: RewriteOptions): Rewritten {
  return new Rewriter(payload, options).run(rootMessage)
}

/** Parts of a changed message in order. */
type Parts = Uint8Array[]

const sizeOf = (parts: Parts): number => parts.reduce((sum, part) => sum + part.length, 0)

class Rewriter {
  readonly #bytes: Buffer
  readonly #walker: Walker
  readonly #messages: readonly WireMessage[]
  readonly #stringsOnly: boolean
  readonly #receivedAt: bigint
  #impossibleTimes = 0
  #invalidStrings = 0
  #timesOfReceipt = 0

  constructor(payload: Uint8Array, options: RewriteOptions) {
    this.#bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
    this.#walker = options.walker
    this.#walker.open(this.#bytes)
    this.#messages = options.table.messages
    this.#stringsOnly = options.stringsOnly ?? false
    this.#receivedAt = BigInt(options.receivedAtMs) * 1_000_000n
  }

  run(rootMessage: number): Rewritten {
    const parts = this.#message(rootMessage, 0, this.#bytes.length, this.#receivedAt)
    const bytes = parts === null ? this.#bytes : Buffer.concat(parts)
    return {
      bytes,
      impossibleTimes: this.#impossibleTimes,
      invalidStrings: this.#invalidStrings,
      timesOfReceipt: this.#timesOfReceipt,
    }
  }

  /** The parts of the changed message in `[start, end)`, or null when it stays as it is. `around`: the time of what holds it. */
  #message(type: number, start: number, end: number, around: bigint): Parts | null {
    const message = this.#messages[type]
    if (message === undefined) return null
    const times = this.#stringsOnly ? null : repairTimes(message, this.#bytes, start, end, around)
    if (times?.isGuessed === true && times.own === this.#receivedAt) this.#timesOfReceipt++
    const cursor = new WireCursor(this.#bytes, start, end)
    const parts: Parts = []
    let copied = start
    while (cursor.next()) {
      const dropped = times?.dropped.has(cursor.field) ?? false
      const replacement = dropped ? [] : this.#field(message.fields[cursor.field], cursor, times?.own ?? around)
      if (replacement === null) continue
      parts.push(this.#bytes.subarray(copied, cursor.tagStart), ...replacement)
      copied = cursor.end
    }
    const added = times === null ? [] : this.#additions(message, times)
    if (copied === start && added.length === 0) return null
    parts.push(this.#bytes.subarray(copied, end), ...added)
    return parts
  }

  /** What replaces the cursor's field, tag included; null when it stays. */
  #field(field: WireField | undefined, cursor: WireCursor, around: bigint): Parts | null {
    if (field === undefined) return null
    if (cursor.wire === 0) return this.#stringsOnly ? null : this.#number(field, cursor)
    if (cursor.wire !== 2) return null
    if (field.type === 'string') {
      if (isUtf8Range(this.#bytes, cursor.start, cursor.end)) return null
      this.#invalidStrings++
      return [new WireWriter().tag(field.id, 2).string(cursor.text()).finish()]
    }
    if (
      !this.#stringsOnly &&
      (field.type === 'ArrayValue' || field.type === 'KeyValueList' || field.name === 'bytes_value')
    ) {
      return [new WireWriter().tag(anyValueFields.string, 2).string(exoticText(this.#bytes, cursor)).finish()]
    }
    if (field.message === null || this.#walker.needsOf(field.message, cursor.start, cursor.end) === 0) return null
    const inside = this.#message(field.message, cursor.start, cursor.end, around)
    if (inside === null) return null
    return [new WireWriter(16).tag(field.id, 2).varint(sizeOf(inside)).finish(), ...inside]
  }

  #number(field: WireField, cursor: WireCursor): Parts | null {
    const number = narrowed(cursor.unsigned(), field.type)
    if (number === null) return null
    const field64 = new WireWriter(16).tag(field.id, 0).varint64(number).finish()
    return field64.equals(this.#bytes.subarray(cursor.tagStart, cursor.end)) ? null : [field64]
  }

  #additions(message: WireMessage, times: RepairedTimes): Parts {
    if (times.written.size === 0 && times.originals.size === 0) return []
    const writer = new WireWriter()
    for (const [field, time] of times.written) writer.tag(field, 1).fixed64(time)
    const attributes = message.fields.find(field => field?.type === 'KeyValue')
    for (const [key, value] of times.originals) {
      this.#impossibleTimes++
      if (attributes === undefined) continue
      writer.tag(attributes.id, 2)
      const entry = writer.begin()
      writer.tag(1, 2).string(key).tag(2, 2)
      const any = writer.begin()
      writer.tag(anyValueFields.string, 2).string(value)
      writer.end(any)
      writer.end(entry)
    }
    return [writer.finish()]
  }
}
