import { type FileHandle, open } from 'node:fs/promises'
import { crc32c } from '@node-rs/crc32'
import type { BatchIntent, CommittedPosition } from '../bus.ts'

const slotBytes = 64
const crcAt = 60

/**
 * The committed position of one topic: two slots written in turn, each with a sequence number and a checksum, so that a torn write
 * leaves the former position readable.
 */
export interface PositionFile {
  current(): CommittedPosition
  /** Durable when it resolves. */
  write(position: CommittedPosition): Promise<void>
  close(): Promise<void>
}

export async function openPositionFile(path: string): Promise<PositionFile> {
  const file = await open(path, 'r+').catch(error => {
    if (error.code === 'ENOENT') return open(path, 'w+')
    throw error
  })
  let { sequence, position } = await readNewest(file)
  let writing: Promise<void> = Promise.resolve()

  const writeSlot = async (next: CommittedPosition) => {
    const slot = encodeSlot(sequence + 1n, next)
    await file.write(slot, 0, slotBytes, Number((sequence + 1n) % 2n) * slotBytes)
    await file.datasync()
    sequence += 1n
    position = next
  }

  return {
    current: () => position,
    write: next => {
      // One after the other, also after a failed one: the caller that failed has its own rejection.
      writing = writing.then(
        () => writeSlot(next),
        () => writeSlot(next),
      )
      return writing
    },
    close: async () => {
      await writing.catch(() => undefined)
      await file.close()
    },
  }
}

function encodeSlot(sequence: bigint, { next, intent }: CommittedPosition): Buffer {
  const slot = Buffer.alloc(slotBytes)
  slot.writeBigUInt64LE(sequence, 0)
  slot.writeBigUInt64LE(next, 8)
  if (intent !== null) {
    slot.writeUInt8(1, 16)
    slot.writeBigUInt64LE(intent.first, 24)
    slot.writeBigUInt64LE(intent.last, 32)
    slot.writeUInt32LE(intent.attempts, 40)
    if (intent.suspect !== null) {
      slot.writeUInt8(1, 17)
      slot.writeBigUInt64LE(intent.suspect, 48)
    }
  }
  slot.writeUInt32LE(crc32c(slot.subarray(0, crcAt)) >>> 0, crcAt)
  return slot
}

async function readNewest(file: FileHandle): Promise<{ sequence: bigint; position: CommittedPosition }> {
  let newest: { sequence: bigint; position: CommittedPosition } = { sequence: 0n, position: { next: 0n, intent: null } }
  const bytes = Buffer.alloc(2 * slotBytes)
  const { bytesRead } = await file.read(bytes, 0, bytes.length, 0)
  for (const start of [0, slotBytes]) {
    if (bytesRead < start + slotBytes) continue
    const slot = bytes.subarray(start, start + slotBytes)
    if (crc32c(slot.subarray(0, crcAt)) >>> 0 !== slot.readUInt32LE(crcAt)) continue
    const sequence = slot.readBigUInt64LE(0)
    if (sequence <= newest.sequence) continue
    newest = { sequence, position: { next: slot.readBigUInt64LE(8), intent: decodeIntent(slot) } }
  }
  return newest
}

function decodeIntent(slot: Buffer): BatchIntent | null {
  if (slot.readUInt8(16) === 0) return null
  return {
    first: slot.readBigUInt64LE(24),
    last: slot.readBigUInt64LE(32),
    attempts: slot.readUInt32LE(40),
    suspect: slot.readUInt8(17) === 1 ? slot.readBigUInt64LE(48) : null,
  }
}
