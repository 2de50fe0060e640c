import { crc32c } from '@node-rs/crc32'
import { batchOverheadBytes } from '../../../../ingest/bus/kafka/protocol/encode-batch.ts'

const attributesAt = 21
const bytesBeforeLengthCounts = 12

/** A record batch with other bytes for its records, which the codec of this number is said to have packed; the checksum is right. */
export function repacked(batch: Buffer, code: number, packed: Uint8Array): Buffer {
  const made = Buffer.concat([batch.subarray(0, batchOverheadBytes), packed])
  made.writeInt32BE(made.length - bytesBeforeLengthCounts, 8)
  made.writeInt16BE(code, attributesAt)
  made.writeUInt32BE(crc32c(made.subarray(attributesAt)) >>> 0, 17)
  return made
}
