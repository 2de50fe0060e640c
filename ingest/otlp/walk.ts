import type { OtlpLimits } from './limits.ts'
import { fitsNarrow } from './narrow-numbers.ts'
import { isUtf8Range } from './utf8.ts'
import { WalkErrors } from './walk-errors.ts'
import { needs, type Walk } from './walk-result.ts'
import { cellBits, fieldKinds, fieldsPerMessage, highWordBounds, type WireTable } from './wire-table.ts'

const { scalar, string, message, time, exotic } = fieldKinds
const { kindMask, wireShift, typeShift, item, attribute, packable, secondsColumn, value, key, bool, int32, uint32 } =
  cellBits
const narrow = bool | int32 | uint32
const highBits = 0x80808080 | 0
/** AnyValue.bytes_value, the one exotic value without a message of its own. */
const bytesValue = 7
const dataOfMetric = (1 << 5) | (1 << 7) | (1 << 9) | (1 << 10) | (1 << 11)
/** Stands for "this message had an unknown field" among the seen field numbers; no message uses number 31. */
const unknownSeen = 1 << 31

/**
 * One pass over the bytes of a payload: checks framing and limits, counts items, and notes what the engine cannot take.
 * Allocates nothing per field. Not re-entrant; one per gateway.
 *
 * Throws OTLP_MALFORMED_BODY (details: byte) and OTLP_LIMIT_EXCEEDED (details: byte, limit).
 */
export class Walker {
  readonly #table: WireTable
  readonly #limits: OtlpLimits
  readonly #errors: WalkErrors
  readonly #cells: Int32Array
  readonly #exclusive: Int32Array
  readonly #metric: number
  readonly #shortKey: number
  readonly #shortValue: number
  #bytes: Uint8Array = new Uint8Array(0)
  #view: DataView = new DataView(this.#bytes.buffer)
  #items = 0
  #needs = 0
  #unknownMetrics = 0
  /** Where the last variable-length integer ended. */
  #cursor = 0

  constructor(table: WireTable, limits: OtlpLimits) {
    this.#table = table
    this.#limits = limits
    this.#errors = new WalkErrors(table, limits)
    this.#cells = table.cells
    this.#exclusive = table.exclusive
    this.#metric = table.index('Metric')
    this.#shortKey = Math.min(127, limits.maxAttributeKeyBytes)
    this.#shortValue = Math.min(127, limits.maxAttributeValueBytes)
  }

  walk(bytes: Uint8Array, rootMessage: number): Walk {
    this.open(bytes)
    this.#items = 0
    this.#unknownMetrics = 0
    this.needsOf(rootMessage, 0, bytes.length)
    return { items: this.#items, needs: this.#needs, unknownMetrics: this.#unknownMetrics }
  }

  /** Before `needsOf` on these bytes. */
  open(bytes: Uint8Array): void {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** Bits of `needs` of the one message in `[start, end)` of the opened bytes. */
  needsOf(message: number, start: number, end: number): number {
    this.#needs = 0
    this.#message(message, start, end, 1)
    return this.#needs
  }

  #message(type: number, start: number, end: number, depth: number): void {
    if (depth > this.#limits.maxDepth) this.#errors.exceeded(start, 'maxDepth', type)
    const bytes = this.#bytes
    const base = type * fieldsPerMessage
    let at = start
    let seen = 0
    let times = 0
    let attributes = 0
    while (at < end) {
      let tag = bytes[at] as number
      if (tag < 0x80) at++
      else {
        tag = this.#varint(at, end, type)
        at = this.#cursor
      }
      const field = tag >>> 3
      const cell = field < fieldsPerMessage ? (this.#cells[base + field] as number) : 0
      if (cell === 0) {
        at = this.#skip(tag, at, end, type)
        seen |= unknownSeen
        continue
      }
      if ((seen & (this.#exclusive[base + field] as number)) !== 0) this.#needs |= needs.repeatedSingular
      seen |= 1 << field
      if ((tag & 7) === 2) {
        if ((cell & attribute) !== 0) attributes++
        at = this.#delimited(cell, at, end, type, field, depth)
      } else {
        if ((cell & kindMask) === time && this.#instant(cell, at, end)) times |= 1 << field
        at = this.#fixedOrVarint(tag, cell, at, end, type, field)
      }
    }
    this.#close(type, start, seen, times, attributes)
  }

  #close(type: number, start: number, seen: number, times: number, attributes: number): void {
    const required = (this.#table.messages[type] as { requiredTimes: number }).requiredTimes
    if ((times & required) !== required) this.#needs |= needs.absentTime
    if (attributes > this.#limits.maxAttributes) this.#errors.exceeded(start, 'maxAttributes', type)
    if (type === this.#metric && (seen & dataOfMetric) === 0 && (seen & unknownSeen) !== 0) this.#unknownMetrics++
  }

  /** A field of wire type 2; `at` is its length. Returns where it ends. */
  #delimited(cell: number, at: number, end: number, type: number, field: number, depth: number): number {
    let start = at + 1
    let length = at < end ? (this.#bytes[at] as number) : 0x80
    if (length >= 0x80) {
      length = this.#varint(at, end, type)
      start = this.#cursor
    }
    const next = start + length
    if (next > end) this.#errors.overrun(at, length, end - start, type, field)
    if (((cell >> wireShift) & 7) !== 2) {
      if ((cell & packable) === 0) this.#errors.wrongWire(at, 2, type, field)
      this.#packed(cell, start, next, type)
      return next
    }
    const kind = cell & kindMask
    if (kind === message) {
      if ((cell & item) !== 0) this.#items++
      if ((cell & attribute) !== 0 && this.#plainAttribute(start, next, depth)) return next
      if ((cell & value) !== 0) this.#errors.bounded(length, 'maxAttributeValueBytes', start, type)
      this.#message((cell >> typeShift) & 0xff, start, next, depth + 1)
    } else if (kind === string) {
      if ((cell & key) !== 0) this.#errors.bounded(length, 'maxAttributeKeyBytes', start, type)
      if (!this.#ascii(start, next) && !isUtf8Range(this.#bytes, start, next)) this.#needs |= needs.invalidUtf8
    } else if (kind === exotic) {
      this.#needs |= needs.exoticValue
      if (field !== bytesValue) this.#message((cell >> typeShift) & 0xff, start, next, depth + 1)
    }
    return next
  }

  /** A field of wire type 0, 1 or 5. Returns where it ends. */
  #fixedOrVarint(tag: number, cell: number, at: number, end: number, type: number, field: number): number {
    const wire = tag & 7
    if (wire !== ((cell >> wireShift) & 7)) this.#errors.wrongWire(at, wire, type, field)
    if (wire === 0) {
      this.#skipVarint(at, end, type)
      if ((cell & narrow) !== 0 && !fitsNarrow(cell, this.#bytes, at, this.#cursor)) this.#needs |= needs.wideNumber
      return this.#cursor
    }
    const length = wire === 1 ? 8 : 4
    if (at + length > end) this.#errors.overrun(at, length, end - at, type, field)
    return at + length
  }

  /** Whether an instant is there at all; notes one that its column cannot hold. */
  #instant(cell: number, at: number, end: number): boolean {
    if (at + 8 > end) return false
    const high = this.#view.getUint32(at + 4, true)
    if (high === 0 && this.#view.getUint32(at, true) === 0) return false
    if (high >= ((cell & secondsColumn) !== 0 ? highWordBounds.seconds : highWordBounds.nanoseconds))
      this.#needs |= needs.outOfRangeTime
    return true
  }

  /**
   * The shape nearly every attribute has: an ASCII key and one plain value, both shorter than 128 bytes. False means only
   * that the general walk has to look (and to say what is wrong).
   */
  #plainAttribute(start: number, end: number, depth: number): boolean {
    const bytes = this.#bytes
    if (end - start < 6 || depth + 2 > this.#limits.maxDepth || bytes[start] !== 0x0a) return false
    const keyEnd = start + 2 + (bytes[start + 1] as number)
    if (keyEnd - start - 2 > this.#shortKey || end - keyEnd < 4 || bytes[keyEnd] !== 0x12) return false
    const valueStart = keyEnd + 2
    if (end - valueStart > this.#shortValue || valueStart + (bytes[keyEnd + 1] as number) !== end) return false
    const tag = bytes[valueStart] as number
    // Tags and lengths are below 128 here, so key and text can be checked as one run of bytes.
    if (tag === 0x0a) return valueStart + 2 + (bytes[valueStart + 1] as number) === end && this.#ascii(start, end)
    if (tag === 0x21) return end - valueStart === 9 && this.#ascii(start, valueStart)
    if (tag === 0x10) return end - valueStart === 2 && (bytes[end - 1] as number) <= 1 && this.#ascii(start, valueStart)
    if (tag !== 0x18 || end - valueStart > 10) return false
    for (let at = valueStart + 1; at < end - 1; at++) if ((bytes[at] as number) < 0x80) return false
    return (bytes[end - 1] as number) < 0x80 && this.#ascii(start, valueStart)
  }

  #ascii(start: number, end: number): boolean {
    const view = this.#view
    const last = end - 4
    let at = start
    if (last >= start) {
      for (; at < last; at += 4) if ((view.getInt32(at, true) & highBits) !== 0) return false
      // The last four bytes, some of them perhaps once more: no loop over a remainder.
      return (view.getInt32(last, true) & highBits) === 0
    }
    for (; at < end; at++) if (((this.#bytes[at] as number) & 0x80) !== 0) return false
    return true
  }

  #packed(cell: number, start: number, end: number, type: number): void {
    if (((cell >> wireShift) & 7) === 1) {
      if ((end - start) % 8 !== 0) this.#errors.malformed(start, type, 'a packed field of 8-byte values is cut off')
      return
    }
    for (let at = start; at < end; at = this.#cursor) this.#skipVarint(at, end, type)
  }

  /** Skips the value of an unknown field, as every protobuf reader must. */
  #skip(tag: number, at: number, end: number, type: number): number {
    const wire = tag & 7
    if (tag >>> 3 === 0) this.#errors.malformed(at, type, 'field number 0 does not exist')
    if (wire === 2) return this.#delimited(scalar | (2 << wireShift), at, end, type, tag >>> 3, 0)
    if (wire !== 0 && wire !== 1 && wire !== 5) {
      this.#errors.malformed(at, type, `wire type ${wire} (groups are not part of OTLP)`)
    }
    return this.#fixedOrVarint(tag, wire << wireShift, at, end, type, tag >>> 3)
  }

  /** A tag or length: at most 32 bits. Leaves the cursor behind it. */
  #varint(start: number, end: number, type: number): number {
    let result = 0
    let scale = 1
    for (let at = start; at < end && at < start + 5; at++) {
      const byte = this.#bytes[at] as number
      result += (byte & 0x7f) * scale
      scale *= 128
      if (byte >= 0x80) continue
      if (result > 0xffff_ffff) break
      this.#cursor = at + 1
      return result
    }
    return this.#errors.malformed(start, type, 'a tag or length does not end here, or exceeds 32 bits')
  }

  /** A value of up to 64 bits, not read, only passed. Leaves the cursor behind it. */
  #skipVarint(start: number, end: number, type: number): void {
    for (let at = start; at < end && at < start + 10; at++) {
      if ((this.#bytes[at] as number) >= 0x80) continue
      // A tenth byte holds bit 63 alone; a 0 there is an encoding that the engine refuses and no encoder makes.
      if (at === start + 9 && (this.#bytes[at] as number) !== 1) break
      this.#cursor = at + 1
      return
    }
    this.#errors.malformed(start, type, 'a number does not end here, or is no 64-bit number')
  }
}
