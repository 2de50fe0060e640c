import { type FileHandle, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { errnoOf } from '../../../lib/errors.ts'
import type { Logger } from '../../../lib/logger.ts'
import { diskError } from './disk-error.ts'

/** The segment file being written: whole groups or nothing. */
export interface AppendFile {
  /** Writes the buffers at `position` and makes them durable; on failure the file ends at `position` again before anything else is written. */
  append(buffers: readonly Uint8Array[], position: number): Promise<void>
  close(): Promise<void>
}

/** Linux takes at most this many buffers in one write. */
const maxBuffers = 1024

/** Creates or opens the file; the directory entry is durable before the first record is. */
export async function openAppendFile(path: string, logger: Logger): Promise<AppendFile> {
  const file = await open(path, 'r+').catch(error => {
    if (errnoOf(error) === 'ENOENT') return open(path, 'wx+')
    throw error
  })
  try {
    await syncDirectory(dirname(path))
  } catch (error) {
    await file.close()
    throw error
  }
  // Where the remains of a failed group begin. Shorter groups written over them would leave a readable record of it behind.
  let remainsAt: number | undefined

  const cutRemains = async () => {
    if (remainsAt === undefined) return
    await file.truncate(remainsAt)
    remainsAt = undefined
  }

  return {
    append: async (buffers, position) => {
      try {
        await cutRemains()
        remainsAt = position
        await writeAll(file, buffers, position)
        await file.datasync()
        remainsAt = undefined
      } catch (error) {
        await cutRemains().catch(reason => {
          logger.error(
            { err: reason, path, position },
            'a failed write cannot be cut off yet; tried before the next write',
          )
        })
        throw diskError(error, 'writing the segment log')
      }
    },
    close: () => file.close(),
  }
}

async function writeAll(file: FileHandle, buffers: readonly Uint8Array[], start: number): Promise<void> {
  let position = start
  for (let index = 0; index < buffers.length; index += maxBuffers) {
    let pending: readonly Uint8Array[] = buffers.slice(index, index + maxBuffers)
    while (pending.length > 0) {
      // A short write is possible when the disk fills; the next one then says so.
      const { bytesWritten } = await file.writev(pending, position)
      position += bytesWritten
      pending = dropWritten(pending, bytesWritten)
    }
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

/** Makes the names in a directory durable. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
