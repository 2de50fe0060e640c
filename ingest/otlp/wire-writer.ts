/** Writes protobuf into one growing buffer. Lengths of nested messages are filled in when they end. */
export class WireWriter {
  #bytes: Buffer
  #at = 0

  constructor(initialBytes = 256) {
    this.#bytes = Buffer.allocUnsafe(initialBytes)
  }

  finish(): Buffer {
    return this.#bytes.subarray(0, this.#at)
  }

  tag(field: number, wire: number): this {
    return this.varint(field * 8 + wire)
  }

  /** An unsigned integer below 2^53. */
  varint(value: number): this {
    this.#reserve(8)
    let rest = value
    for (; rest >= 0x80; rest = Math.floor(rest / 128)) this.#bytes[this.#at++] = (rest % 128) | 0x80
    this.#bytes[this.#at++] = rest
    return this
  }

  /** Any 64-bit integer; negative ones take ten bytes, as protobuf has it. */
  varint64(value: bigint): this {
    this.#reserve(10)
    let rest = BigInt.asUintN(64, value)
    for (; rest >= 0x80n; rest >>= 7n) this.#bytes[this.#at++] = Number(rest & 0x7fn) | 0x80
    this.#bytes[this.#at++] = Number(rest)
    return this
  }

  fixed64(value: bigint): this {
    this.#reserve(8)
    this.#at = this.#bytes.writeBigUInt64LE(BigInt.asUintN(64, value), this.#at)
    return this
  }

  fixed32(value: number): this {
    this.#reserve(4)
    this.#at = this.#bytes.writeUInt32LE(value >>> 0, this.#at)
    return this
  }

  double(value: number): this {
    this.#reserve(8)
    this.#at = this.#bytes.writeDoubleLE(value, this.#at)
    return this
  }

  /** Length and UTF-8 bytes; lone surrogates become U+FFFD. */
  string(value: string): this {
    const length = Buffer.byteLength(value)
    this.varint(length).#reserve(length)
    this.#at += this.#bytes.write(value, this.#at, length, 'utf8')
    return this
  }

  bytes(value: Uint8Array): this {
    this.varint(value.length).#reserve(value.length)
    this.#bytes.set(value, this.#at)
    this.#at += value.length
    return this
  }

  /** Begins a nested message after its tag; give the mark to `end`. */
  begin(): number {
    this.#reserve(1)
    return this.#at++
  }

  end(mark: number): void {
    const length = this.#at - mark - 1
    const width = length < 0x80 ? 1 : length < 0x4000 ? 2 : length < 0x20_0000 ? 3 : length < 0x1000_0000 ? 4 : 5
    this.#reserve(width)
    if (width > 1) this.#bytes.copyWithin(mark + width, mark + 1, this.#at)
    this.#at = mark
    this.varint(length)
    this.#at += length
  }

  #reserve(more: number): void {
    if (this.#at + more <= this.#bytes.length) return
    const grown = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#at + more))
    this.#bytes.copy(grown, 0, 0, this.#at)
    this.#bytes = grown
  }
}
