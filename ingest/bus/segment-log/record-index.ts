/**
 * Where each record of a segment begins, and when it was received: twelve bytes a record. Record `i` ends where `i + 1` begins; a lost
 * record without bytes of its own begins where the next does.
 */
export class RecordIndex {
  #positions = new Uint32Array(256)
  #times = new Float64Array(256)
  readonly #corrupt = new Set<number>()
  #length = 0
  #end = 0

  /** How many records. */
  get length(): number {
    return this.#length
  }

  /** Bytes of all records. */
  get end(): number {
    return this.#end
  }

  add(bytes: number, receivedAtMs: number, corrupt = false): void {
    if (this.#length === this.#positions.length) this.#grow()
    if (corrupt) this.#corrupt.add(this.#length)
    this.#positions[this.#length] = this.#end
    this.#times[this.#length] = receivedAtMs
    this.#length++
    this.#end += bytes
  }

  position(index: number): number {
    return index < this.#length ? (this.#positions[index] ?? this.#end) : this.#end
  }

  receivedAtMs(index: number): number {
    return this.#times[index] ?? 0
  }

  isCorrupt(index: number): boolean {
    return this.#corrupt.has(index)
  }

  #grow(): void {
    const positions = new Uint32Array(this.#positions.length * 2)
    positions.set(this.#positions)
    this.#positions = positions
    const times = new Float64Array(this.#times.length * 2)
    times.set(this.#times)
    this.#times = times
  }
}
