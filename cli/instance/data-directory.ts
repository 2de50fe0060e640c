import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { errnoOf, NinefoldError } from '../../lib/errors.ts'

/** Makes sure that the directory exists and can be written. @returns its absolute path. @throws DATA_DIR_NOT_WRITABLE, DISK_FULL. */
export function prepareDataDirectory(directory: string): string {
  const path = resolve(directory)
  try {
    makeDirectory(path)
    accessSync(path, constants.W_OK)
    return path
  } catch (error) {
    const errno = errnoOf(error)
    if (errno === 'ENOSPC') throw new NinefoldError('DISK_FULL', `no space to create ${path}`, { cause: error })
    throw new NinefoldError('DATA_DIR_NOT_WRITABLE', `${path} cannot be written (${errno ?? 'unknown'})`, {
      cause: error,
    })
  }
}

/**
 * Creates a directory and those above it. Unlike `mkdir` with `recursive` it ends where nothing can be created, below /proc for one.
 * @throws the system's error: ENOENT, EACCES, EROFS, ENOSPC, ENOTDIR …
 */
function makeDirectory(path: string): void {
  try {
    mkdirSync(path)
  } catch (error) {
    if (errnoOf(error) === 'EEXIST' && statSync(path).isDirectory()) return
    const parent = dirname(path)
    if (errnoOf(error) !== 'ENOENT' || existsSync(parent)) throw error
    makeDirectory(parent)
    mkdirSync(path)
  }
}
