import { type FileHandle, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { errnoOf, NinefoldError } from '../../../lib/errors.ts'

/** The segment file being written: whole groups or nothing. */
export interface AppendFile {
  /** Writes the buffers at `position` and makes them durable. On failure the file is cut back to `position`. */
  append(buffers: readonly Uint8Array[], position: number): Promise<void>
  close(): Promise<void>
}

/** Creates or opens the file; the directory entry is durable before the first record is. */
export async function openAppendFile(path: string): Promise<AppendFile> {
  const file = await open(path, 'r+').catch(error => {
    if (errnoOf(error) === 'ENOENT') return open(path, 'wx+')
    throw error
  })
  await syncDirectory(dirname(path))
  return {
    append: async (buffers, position) => {
      try {
        await writeAll(file, buffers, position)
        await file.datasync()
      } catch (error) {
        await cutBack(file, position)
        throw writeError(error)
      }
    },
    close: () => file.close(),
  }
}

async function writeAll(file: FileHandle, buffers: readonly Uint8Array[], start: number): Promise<void> {
  let pending = [...buffers]
  let position = start
  while (pending.length > 0) {
    // IOV_MAX is 1024 on Linux; a short write is possible when the disk fills.
    const { bytesWritten } = await file.writev(pending.slice(0, 1024), position)
    position += bytesWritten
    pending = dropWritten(pending, bytesWritten)
  }
}

function dropWritten(buffers: readonly Uint8Array[], written: number): Uint8Array[] {
  let rest = written
  let index = 0
  for (const buffer of buffers) {
    if (rest < buffer.length) break
    rest -= buffer.length
    index++
  }
  const [first, ...others] = buffers.slice(index)
  return first === undefined ? [] : [first.subarray(rest), ...others]
}

/** Nothing of a failed group may be read later as acknowledged; what cannot even be cut is found as a torn tail at the next start. */
async function cutBack(file: FileHandle, position: number): Promise<void> {
  await file.truncate(position).catch(() => undefined)
}

function writeError(error: unknown): NinefoldError {
  const errno = errnoOf(error)
  if (errno === 'ENOSPC' || errno === 'EDQUOT') {
    return new NinefoldError('DISK_FULL', 'the disk of the segment log is full', { cause: error })
  }
  return new NinefoldError('BUS_WRITE_FAILED', `the segment log cannot be written (${errno ?? 'unknown'})`, {
    cause: error,
  })
}

export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
