import type { NinefoldError } from '../../../../lib/errors.ts'
import type { BatchBounds, BusRecord } from '../../bus.ts'
import type { DecodedBatches } from '../protocol/decode-batches.ts'

/** What a record takes beside its value. */
const recordBytes = 200

export const sizeOfRecord = (record: BusRecord): number => record.value.length + recordBytes

/** Fetched records of one partition: read ahead, and kept until the position has passed them. */
export class PartitionBuffer {
  #records: BusRecord[] = []
  /** Everything from here up to `next` is in `#records`. */
  #start: bigint
  #next: bigint
  #bytes = 0
  #end: bigint
  /** Counts the seeks, so that the answer to a fetch begun before one is told. */
  #era = 0
  #failure: NinefoldError | null = null
  /** Nothing is asked for until the reader has heard of the failure. */
  #halted = false

  constructor(start: bigint) {
    this.#start = start
    this.#next = start
    this.#end = start
  }

  get bytes(): number {
    return this.#bytes
  }

  get next(): bigint {
    return this.#next
  }

  /** The end of what may be read, as last heard. */
  get end(): bigint {
    return this.#end
  }

  get era(): number {
    return this.#era
  }

  get halted(): boolean {
    return this.#halted
  }

  /** Also with a failure, which the reader is to hear of. */
  hasFrom(from: bigint): boolean {
    return this.#indexOf(from) < this.#records.length || this.#failure !== null
  }

  /** The end as somebody else has told it. */
  noteEnd(end: bigint): void {
    if (end > this.#end) this.#end = end
  }

  accept({ records, next, failure }: DecodedBatches, end: bigint, era: number): void {
    if (era !== this.#era) return
    for (const record of records) {
      if (record.offset < this.#next) continue
      this.#records.push(record)
      this.#bytes += sizeOfRecord(record)
    }
    if (next !== null && next > this.#next) this.#next = next
    this.noteEnd(end)
    this.#failure = failure
    this.#halted = failure !== null
  }

  /** What the log answered. It is asked again when the reader has heard of it. */
  fail(error: NinefoldError, era: number): void {
    if (era !== this.#era) return
    this.#failure = error
    this.#halted = true
  }

  /** There was no answer. It is asked again in any case. */
  unanswered(error: NinefoldError): void {
    this.#failure ??= error
  }

  /** Why nothing can be read, until the log has answered again: that it was told of is no success. */
  takeFailure(): NinefoldError | null {
    this.#halted = false
    return this.#failure
  }

  /** Records before `offset` are no longer needed. One that is not in the buffer begins it anew. */
  moveTo(offset: bigint): void {
    if (offset < this.#start || offset > this.#next) {
      this.#records = []
      this.#bytes = 0
      this.#next = offset
      this.#era++
      this.#failure = null
      this.#halted = false
    } else {
      const kept = this.#indexOf(offset)
      for (let at = 0; at < kept; at++) this.#bytes -= sizeOfRecord(this.#records[at] as BusRecord)
      this.#records = this.#records.slice(kept)
    }
    this.#start = offset
  }

  /** The longest run from `from` within the bounds; at least one record when there is one. */
  run(from: bigint, bounds: BatchBounds): readonly BusRecord[] {
    if (from < this.#start || from > this.#next) return []
    const first = this.#indexOf(from)
    let bytes = 0
    let end = first
    for (; end < this.#records.length && end - first < bounds.maxRecords; end++) {
      bytes += sizeOfRecord(this.#records[end] as BusRecord)
      if (end > first && bytes > bounds.maxBytes) break
    }
    return this.#records.slice(first, end)
  }

  /** All records of the range, or null when the buffer does not have it whole. */
  range(first: bigint, last: bigint): readonly BusRecord[] | null {
    if (first < this.#start || last >= this.#next) return null
    return this.#records.slice(this.#indexOf(first), this.#indexOf(last + 1n))
  }

  /** Of the first record at or behind `offset`. */
  #indexOf(offset: bigint): number {
    let low = 0
    let high = this.#records.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#records[middle] as BusRecord).offset < offset) low = middle + 1
      else high = middle
    }
    return low
  }
}
