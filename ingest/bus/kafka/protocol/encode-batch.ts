import { crc32c } from '@node-rs/crc32'
import { type Compression, compress, compressionCodes } from './compression.ts'
import { WireWriter } from './wire-writer.ts'

export interface RecordToSend {
  readonly key: Uint8Array
  readonly value: Uint8Array
  readonly timestampMs: number
  readonly headers: readonly (readonly [name: string, value: string])[]
}

/** The idempotent producer's: the broker takes each sequence once, and in order. */
export interface BatchSequence {
  readonly producerId: bigint
  readonly epoch: number
  readonly first: number
}

/** The base offset and the length itself. */
const bytesBeforeLengthCounts = 12
/** Of a record beside key, value and headers, at most; and of a batch. */
export const recordOverheadBytes = 40
export const batchOverheadBytes = 61
const blankHead = Buffer.alloc(batchOverheadBytes)

function writeRecord(writer: WireWriter, record: RecordToSend, index: number, baseTimestampMs: number): void {
  const { key, value, timestampMs, headers } = record
  const body = new WireWriter(64)
    .int8(0)
    .varint(timestampMs - baseTimestampMs)
    .varint(index)
  body.varint(key.length).raw(key).varint(value.length)
  const tail = new WireWriter(64).varint(headers.length)
  for (const [name, text] of headers) {
    const [nameBytes, textBytes] = [Buffer.from(name), Buffer.from(text)]
    tail.varint(nameBytes.length).raw(nameBytes).varint(textBytes.length).raw(textBytes)
  }
  const length = body.length + value.length + tail.length
  writer.varint(length).raw(body.finish()).raw(value).raw(tail.finish())
}

/** One record batch (magic 2) with its checksum, made once: a retry sends the same bytes. */
export async function encodeBatch(
  records: readonly RecordToSend[],
  sequence: BatchSequence,
  compression: Compression,
): Promise<Buffer> {
  const first = records[0]?.timestampMs ?? 0
  let newest = first
  let bytes = 0
  for (const { key, value, timestampMs } of records) {
    newest = Math.max(newest, timestampMs)
    bytes += key.length + value.length + 128
  }
  const plain = new WireWriter(batchOverheadBytes + bytes).raw(blankHead)
  for (const [index, record] of records.entries()) writeRecord(plain, record, index, first)
  const whole = plain.finish()
  // Telemetry is large: what is not packed is not copied either.
  const batch =
    compression === 'none'
      ? whole
      : Buffer.concat([blankHead, await compress(whole.subarray(batchOverheadBytes), compression)])

  const head = new WireWriter(batchOverheadBytes)
    .int64(0n)
    .int32(batch.length - bytesBeforeLengthCounts)
    .int32(-1)
    .int8(2)
    .uint32(0)
    .int16(compressionCodes[compression])
    .int32(records.length - 1)
    .int64(BigInt(first))
    .int64(BigInt(newest))
    .int64(sequence.producerId)
    .int16(sequence.epoch)
    .int32(sequence.first)
    .int32(records.length)
  batch.set(head.finish())
  batch.writeUInt32BE(crc32c(batch.subarray(21)) >>> 0, 17)
  return batch
}
