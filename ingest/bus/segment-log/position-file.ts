import { randomBytes } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { crc32c } from '@node-rs/crc32'
import { errnoOf, NinefoldError } from '../../../lib/errors.ts'
import type { BatchIntent, CommittedPosition } from '../bus.ts'
import { syncDirectory } from './append-file.ts'
import { diskError } from './disk-error.ts'

/** Slots lie in blocks of their own, so that no write touches the other one. */
const blockBytes = 4096
const slotBytes = 128
const magic = 0x3150464e
const at = {
  magic: 0,
  hasIntent: 4,
  hasSuspect: 5,
  sequence: 8,
  logId: 16,
  next: 24,
  first: 32,
  last: 40,
  attempts: 48,
  tries: 52,
  suspectFirst: 56,
  suspectLast: 64,
  crc: 124,
} as const

/**
 * The committed position of one topic: two slots written in turn, each with a sequence number and a checksum, so that a torn write
 * leaves the former position readable. The log's name is in it too: whoever removes the one has removed the other.
 */
export interface PositionFile {
  readonly logId: string
  current(): CommittedPosition
  /** Durable when it resolves. */
  write(position: CommittedPosition): Promise<void>
  close(): Promise<void>
}

interface Slot {
  readonly sequence: bigint
  readonly logId: bigint
  readonly position: CommittedPosition
}

/** @param hasRecords whether records are there already, in which case the file must be, too. @throws BUS_POSITION_DAMAGED, DISK_FULL. */
export async function openPositionFile(path: string, hasRecords: boolean): Promise<PositionFile> {
  const file = await open(path, 'r+').catch(error => {
    if (errnoOf(error) === 'ENOENT') return open(path, 'wx+')
    throw error
  })
  try {
    let slot = (await readNewest(file)) ?? (await firstSlot(file, path, hasRecords))
    let writing: Promise<void> = Promise.resolve()
    const write = async (position: CommittedPosition) => {
      const next = { ...slot, sequence: slot.sequence + 1n, position }
      await writeSlot(file, next)
      slot = next
    }
    return {
      logId: slot.logId.toString(16).padStart(8, '0'),
      current: () => slot.position,
      write: position => {
        // One after the other, also after a failed one: the caller that failed has its own rejection.
        writing = writing.then(
          () => write(position),
          () => write(position),
        )
        return writing
      },
      close: async () => {
        await writing.then(undefined, () => undefined)
        await file.close()
      },
    }
  } catch (error) {
    await file.close()
    throw error
  }
}

async function firstSlot(file: FileHandle, path: string, hasRecords: boolean): Promise<Slot> {
  if (hasRecords)
    throw new NinefoldError('BUS_POSITION_DAMAGED', `both copies of the position in ${path} are unreadable`)
  const logId = BigInt(randomBytes(4).readUInt32LE())
  const slot = { sequence: 0n, logId, position: { next: 0n, intent: null } }
  // Both blocks are given their space now: a commit needs none of a full disk.
  await file.write(Buffer.alloc(2 * blockBytes), 0, 2 * blockBytes, 0)
  await writeSlot(file, slot)
  await syncDirectory(dirname(path))
  return slot
}

async function writeSlot(file: FileHandle, { sequence, logId, position }: Slot): Promise<void> {
  const slot = Buffer.alloc(slotBytes)
  slot.writeUInt32LE(magic, at.magic)
  slot.writeBigUInt64LE(sequence, at.sequence)
  slot.writeBigUInt64LE(logId, at.logId)
  slot.writeBigUInt64LE(position.next, at.next)
  if (position.intent !== null) writeIntent(slot, position.intent)
  slot.writeUInt32LE(crc32c(slot.subarray(0, at.crc)) >>> 0, at.crc)
  try {
    await file.write(slot, 0, slotBytes, Number(sequence % 2n) * blockBytes)
    await file.datasync()
  } catch (error) {
    throw diskError(error, 'committing the position')
  }
}

function writeIntent(slot: Buffer, { first, last, attempts, suspect }: BatchIntent): void {
  slot.writeUInt8(1, at.hasIntent)
  slot.writeBigUInt64LE(first, at.first)
  slot.writeBigUInt64LE(last, at.last)
  slot.writeUInt32LE(attempts, at.attempts)
  if (suspect === null) return
  slot.writeUInt8(1, at.hasSuspect)
  slot.writeUInt32LE(suspect.tries, at.tries)
  slot.writeBigUInt64LE(suspect.first, at.suspectFirst)
  slot.writeBigUInt64LE(suspect.last, at.suspectLast)
}

async function readNewest(file: FileHandle): Promise<Slot | undefined> {
  const bytes = Buffer.alloc(2 * blockBytes)
  const { bytesRead } = await file.read(bytes, 0, bytes.length, 0)
  let newest: Slot | undefined
  for (const start of [0, blockBytes]) {
    if (bytesRead < start + slotBytes) continue
    const slot = readSlot(bytes.subarray(start, start + slotBytes))
    if (slot !== undefined && (newest === undefined || slot.sequence > newest.sequence)) newest = slot
  }
  return newest
}

function readSlot(slot: Buffer): Slot | undefined {
  if (slot.readUInt32LE(at.magic) !== magic) return undefined
  if (crc32c(slot.subarray(0, at.crc)) >>> 0 !== slot.readUInt32LE(at.crc)) return undefined
  return {
    sequence: slot.readBigUInt64LE(at.sequence),
    logId: slot.readBigUInt64LE(at.logId),
    position: { next: slot.readBigUInt64LE(at.next), intent: readIntent(slot) },
  }
}

function readIntent(slot: Buffer): BatchIntent | null {
  if (slot.readUInt8(at.hasIntent) === 0) return null
  const suspect = {
    first: slot.readBigUInt64LE(at.suspectFirst),
    last: slot.readBigUInt64LE(at.suspectLast),
    tries: slot.readUInt32LE(at.tries),
  }
  return {
    first: slot.readBigUInt64LE(at.first),
    last: slot.readBigUInt64LE(at.last),
    attempts: slot.readUInt32LE(at.attempts),
    suspect: slot.readUInt8(at.hasSuspect) === 1 ? suspect : null,
  }
}
