import { crc32c } from '@node-rs/crc32'
import { NinefoldError } from '../../../../lib/errors.ts'
import type { BusRecord } from '../../bus.ts'
import { decompress } from './compression.ts'
import type { AbortedTransaction } from './fetch.ts'
import { WireReader } from './wire-reader.ts'

/** What our own producer says of a record; messages of others have none of it. */
export const headerNames = {
  source: 'ninefold-source',
  receivedAt: 'ninefold-received-at',
  /** There when the record is never a repeat. */
  distinct: 'ninefold-distinct',
  // Of CloudEvents' Kafka binding; lower case and without a prefix.
  contentType: 'content-type',
} as const

export interface DecodedBatches {
  readonly records: readonly BusRecord[]
  /** The offset after the last whole batch, or null when there was none. */
  readonly next: bigint | null
  /** Why what follows `next` cannot be read, or null. Such messages wait until somebody acts. */
  readonly failure: NinefoldError | null
}

const compressionMask = 7
const transactionalBit = 16
const controlBit = 32
const abortMarker = 0
/** `baseOffset` and `batchLength`. */
const frameBytes = 12
const shortestBatchBytes = 49

/**
 * The records of a fetched partition from `from` on. A batch that fails its checksum or cannot be unpacked stands for itself as one corrupt
 * record; aborted transactions and control records leave gaps in the offsets. A batch compressed in a way not known here ends the run.
 */
export async function decodeBatches(
  bytes: Buffer,
  from: bigint,
  aborted: readonly AbortedTransaction[],
): Promise<DecodedBatches> {
  const records: BusRecord[] = []
  const open = openTransactions(aborted)
  let next: bigint | null = null
  for (let at = 0; at + frameBytes <= bytes.length; ) {
    const length = bytes.readInt32BE(at + 8)
    if (length < shortestBatchBytes) return { records, next, failure: senseless(length) }
    const end = at + frameBytes + length
    if (end > bytes.length) break
    const batch = readHead(bytes.subarray(at, end))
    const wanted = await recordsOf(batch, open)
    if (wanted instanceof NinefoldError) return { records, next, failure: wanted }
    for (const record of wanted) if (record.offset >= from) records.push(record)
    next = batch.lastOffset + 1n
    at = end
  }
  return { records, next, failure: null }
}

function senseless(length: number): NinefoldError {
  return new NinefoldError('BUS_BROKER_ERROR', `the broker sent a record batch of ${length} bytes`)
}

interface Batch {
  readonly bytes: Buffer
  readonly baseOffset: bigint
  readonly lastOffset: bigint
  readonly attributes: number
  readonly baseTimestampMs: number
  readonly maxTimestampMs: number
  readonly producerId: bigint
  readonly count: number
  readonly packed: Buffer
  readonly intact: boolean
}

function readHead(bytes: Buffer): Batch {
  const reader = new WireReader(bytes)
  const baseOffset = reader.int64()
  reader.raw(8)
  const magic = reader.int8()
  const checksum = reader.uint32()
  const intact = magic === 2 && crc32c(bytes.subarray(21)) >>> 0 === checksum
  const attributes = reader.int16()
  const lastOffset = baseOffset + BigInt(Math.max(0, reader.int32()))
  const baseTimestampMs = Number(reader.int64())
  const maxTimestampMs = Number(reader.int64())
  const producerId = reader.int64()
  reader.raw(6)
  const count = reader.int32()
  const packed = reader.raw(reader.left)
  return {
    bytes,
    baseOffset,
    lastOffset,
    attributes,
    baseTimestampMs,
    maxTimestampMs,
    producerId,
    count,
    packed,
    intact,
  }
}

/** Keeps track of which producers' records belong to a transaction that was aborted. */
function openTransactions(aborted: readonly AbortedTransaction[]) {
  const waiting = [...aborted].sort((a, b) => (a.firstOffset < b.firstOffset ? -1 : 1))
  const open = new Set<bigint>()
  return {
    isAborted: ({ baseOffset, producerId }: Batch): boolean => {
      for (let first = waiting[0]; first !== undefined && first.firstOffset <= baseOffset; first = waiting[0]) {
        open.add(first.producerId)
        waiting.shift()
      }
      return open.has(producerId)
    },
    close: (producerId: bigint) => void open.delete(producerId),
  }
}

async function recordsOf(
  batch: Batch,
  open: ReturnType<typeof openTransactions>,
): Promise<BusRecord[] | NinefoldError> {
  if (!batch.intact) return [corrupt(batch)]
  const transactional = (batch.attributes & transactionalBit) !== 0
  const dropped = transactional && open.isAborted(batch)
  if ((batch.attributes & controlBit) !== 0) {
    // A control record's key is a version and a type, both of two bytes.
    const marker = readRecords(batch, batch.packed)[0]
    if (marker !== undefined && marker.key.length >= 4 && marker.key.readInt16BE(2) === abortMarker)
      open.close(batch.producerId)
    return []
  }
  if (dropped) return []
  try {
    const plain = await decompress(batch.packed, batch.attributes & compressionMask)
    return readRecords(batch, plain).map(({ record }) => record)
  } catch (error) {
    if (error instanceof NinefoldError) return error
    return [corrupt(batch)]
  }
}

const corrupt = (batch: Batch): BusRecord => ({
  offset: batch.baseOffset,
  receivedAtMs: Math.max(0, batch.maxTimestampMs),
  source: '',
  value: batch.bytes,
  corrupt: true,
})

/** @throws RangeError when the bytes are no records, or such as the batch cannot hold: nobody would miss those. */
function readRecords(batch: Batch, plain: Buffer): { readonly key: Buffer; readonly record: BusRecord }[] {
  const reader = new WireReader(plain)
  const logAppendTime = (batch.attributes & 8) !== 0
  let lowest = batch.baseOffset
  return Array.from({ length: batch.count }, () => {
    reader.varint()
    reader.int8()
    const timestampMs = batch.baseTimestampMs + reader.varint()
    const offset = batch.baseOffset + BigInt(reader.varint())
    if (offset < lowest || offset > batch.lastOffset)
      throw new RangeError(`a record with the offset ${offset} among ${lowest}–${batch.lastOffset}`)
    lowest = offset + 1n
    const key = reader.raw(Math.max(0, reader.varint()))
    const value = reader.raw(Math.max(0, reader.varint()))
    let source = 'kafka'
    let receivedAtMs = logAppendTime ? batch.maxTimestampMs : timestampMs
    let isDistinct = false
    for (let header = reader.varint(); header > 0; header--) {
      const name = reader.raw(reader.varint()).toString('latin1')
      const text = reader.raw(Math.max(0, reader.varint()))
      // Others' headers may hold secrets: nothing of them is kept or shown.
      if (name === headerNames.source) source = text.toString()
      else if (name === headerNames.receivedAt) receivedAtMs = Number(text.toString()) || receivedAtMs
      else if (name === headerNames.distinct) isDistinct = true
    }
    return {
      key,
      record: { offset, receivedAtMs: Math.max(0, receivedAtMs), source, value, corrupt: false, isDistinct },
    }
  })
}
