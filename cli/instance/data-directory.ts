import { accessSync, constants } from 'node:fs'
import { resolve } from 'node:path'
import { errnoOf, NinefoldError } from '../../lib/errors.ts'
import { makeDirectory } from '../../lib/make-directory.ts'

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
