/** Reads the primitive types of Kafka's protocol. Reading past the end throws a RangeError. */
export class WireReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get left(): number {
    return this.#bytes.length - this.#at
  }

  #take(length: number): number {
    const at = this.#at
    if (length < 0 || at + length > this.#bytes.length)
      throw new RangeError(`${length} bytes wanted, ${this.left} left`)
    this.#at = at + length
    return at
  }

  int8(): number {
    return this.#bytes.readInt8(this.#take(1))
  }

  bool(): boolean {
    return this.int8() !== 0
  }

  int16(): number {
    return this.#bytes.readInt16BE(this.#take(2))
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.#take(4))
  }

  uint32(): number {
    return this.#bytes.readUInt32BE(this.#take(4))
  }

  int64(): bigint {
    return this.#bytes.readBigInt64BE(this.#take(8))
  }

  unsignedVarint(): number {
    let value = 0
    for (let factor = 1; factor <= 2 ** 63; factor *= 128) {
      const byte = this.#bytes[this.#take(1)] ?? 0
      value += (byte & 127) * factor
      if (byte < 128) return value
    }
    throw new RangeError('a varint is too long')
  }

  /** Zigzag, as in records; exact up to 2^53. */
  varint(): number {
    const value = this.unsignedVarint()
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }

  /** A view, not a copy. */
  raw(length: number): Buffer {
    const at = this.#take(length)
    return this.#bytes.subarray(at, at + length)
  }

  nullableString(): string | null {
    const length = this.int16()
    return length < 0 ? null : this.raw(length).toString()
  }

  string(): string {
    return this.nullableString() ?? ''
  }

  bytes(): Buffer {
    return this.raw(Math.max(0, this.int32()))
  }

  compactNullableBytes(): Buffer | null {
    const length = this.unsignedVarint()
    return length === 0 ? null : this.raw(length - 1)
  }

  compactString(): string {
    return this.compactNullableBytes()?.toString() ?? ''
  }

  /** As 32 hexadecimal digits. */
  uuid(): string {
    return this.raw(16).toString('hex')
  }

  #items<T>(count: number, read: (reader: this) => T): T[] {
    if (count > this.left) throw new RangeError(`an array of ${count} in ${this.left} bytes`)
    return Array.from({ length: count }, () => read(this))
  }

  array<T>(read: (reader: this) => T): T[] {
    return this.#items(Math.max(0, this.int32()), read)
  }

  compactArray<T>(read: (reader: this) => T): T[] {
    return this.#items(Math.max(0, this.unsignedVarint() - 1), read)
  }

  skipTags(): void {
    for (let count = this.unsignedVarint(); count > 0; count--) {
      this.unsignedVarint()
      this.raw(this.unsignedVarint())
    }
  }
}
