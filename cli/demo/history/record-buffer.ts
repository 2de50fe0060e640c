/** Ids of a span: 16 and 8 bytes. */
export interface SpanIds {
  readonly traceId: Uint8Array
  readonly spanId: Uint8Array
  readonly parentId: Uint8Array | null
}

const timesLength = 18

/**
 * Spans or log records of one resource as protobuf, appended one after another. What many records share (name, kind,
 * attributes, status) comes as an encoded template, so that a record costs a copy and two times.
 */
export class RecordBuffer {
  #bytes = Buffer.allocUnsafe(16 * 1024)
  #at = 0

  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#at)
  }

  span(ids: SpanIds, template: Uint8Array, startMs: number, endMs: number): void {
    this.#begin(18 + 10 + (ids.parentId === null ? 0 : 10) + template.length + timesLength)
    this.#identifier(0x0a, ids.traceId)
    this.#identifier(0x12, ids.spanId)
    if (ids.parentId !== null) this.#identifier(0x22, ids.parentId)
    this.#raw(template)
    this.#time(0x39, startMs)
    this.#time(0x41, endMs)
  }

  log(ids: SpanIds, template: Uint8Array, atMs: number): void {
    this.#begin(18 + 10 + template.length + timesLength)
    this.#time(0x09, atMs)
    this.#raw(template)
    this.#identifier(0x4a, ids.traceId)
    this.#identifier(0x52, ids.spanId)
    this.#time(0x59, atMs)
  }

  /** A record is field 2 of its scope, in traces and in logs. */
  #begin(length: number): void {
    if (this.#at + length + 6 > this.#bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#at + length + 6))
      this.#bytes.copy(grown, 0, 0, this.#at)
      this.#bytes = grown
    }
    this.#bytes[this.#at++] = 0x12
    let rest = length
    for (; rest >= 0x80; rest >>>= 7) this.#bytes[this.#at++] = (rest & 0x7f) | 0x80
    this.#bytes[this.#at++] = rest
  }

  #identifier(tag: number, value: Uint8Array): void {
    this.#bytes[this.#at++] = tag
    this.#bytes[this.#at++] = value.length
    this.#raw(value)
  }

  #raw(value: Uint8Array): void {
    this.#bytes.set(value, this.#at)
    this.#at += value.length
  }

  /** fixed64 nanoseconds; microseconds are exact, as milliseconds since the epoch hold them in a double. */
  #time(tag: number, ms: number): void {
    this.#bytes[this.#at++] = tag
    this.#at = this.#bytes.writeBigUInt64LE(BigInt(Math.floor(ms * 1000)) * 1000n, this.#at)
  }
}
