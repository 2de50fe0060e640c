/**
 * Steps through the fields of one message whose framing has been checked (walk.ts). For the few payloads that are read a
 * second time; the walk itself does not use it.
 */
export class WireCursor {
  readonly #bytes: Buffer
  readonly #end: number
  #at: number
  /** Field number of the current field. */
  field = 0
  wire = 0
  /** Where the current field's tag begins. */
  tagStart = 0
  /** Where its length begins, or its value when it has none. */
  bodyStart = 0
  /** Where its value begins, after the length. */
  start = 0
  end = 0

  constructor(bytes: Buffer, start: number, end: number) {
    this.#bytes = bytes
    this.#at = start
    this.#end = end
  }

  /** Moves to the next field; false after the last. */
  next(): boolean {
    if (this.#at >= this.#end) return false
    this.tagStart = this.#at
    const tag = this.#varint()
    this.field = Math.floor(tag / 8)
    this.wire = tag % 8
    this.bodyStart = this.#at
    this.start = this.#at
    if (this.wire === 0) this.#skipVarint()
    else if (this.wire === 1) this.#at += 8
    else if (this.wire === 5) this.#at += 4
    else {
      const length = this.#varint()
      this.start = this.#at
      this.#at += length
    }
    this.end = this.#at
    return true
  }

  /** The current value as an unsigned 64-bit integer: a variable-length one, or eight bytes. */
  unsigned(): bigint {
    if (this.wire === 1) return this.#bytes.readBigUInt64LE(this.start)
    let value = 0n
    for (let at = this.start, shift = 0n; at < this.end; at++, shift += 7n) {
      value |= BigInt((this.#bytes[at] as number) & 0x7f) << shift
    }
    return BigInt.asUintN(64, value)
  }

  double(): number {
    return this.#bytes.readDoubleLE(this.start)
  }

  /** The current value as text; bytes that are not UTF-8 become U+FFFD. */
  text(): string {
    return this.#bytes.toString('utf8', this.start, this.end)
  }

  base64(): string {
    return this.#bytes.toString('base64', this.start, this.end)
  }

  /** A tag or length. */
  #varint(): number {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = this.#bytes[this.#at++] ?? 0
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
    }
  }

  #skipVarint(): void {
    while ((this.#bytes[this.#at++] ?? 0) >= 0x80);
  }
}
