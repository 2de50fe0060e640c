import { errnoOf, NinefoldError } from '../../../lib/errors.ts'

/** A system error of writing as one of ours: DISK_FULL, DATA_DIR_NOT_WRITABLE or BUS_WRITE_FAILED. */
export function diskError(error: unknown, what: string): NinefoldError {
  if (error instanceof NinefoldError) return error
  const errno = errnoOf(error)
  if (errno === 'ENOSPC' || errno === 'EDQUOT') {
    return new NinefoldError('DISK_FULL', `${what}: the disk is full`, { cause: error })
  }
  if (errno === 'EACCES' || errno === 'EPERM' || errno === 'EROFS') {
    return new NinefoldError('DATA_DIR_NOT_WRITABLE', `${what}: not allowed to write`, { cause: error })
  }
  return new NinefoldError('BUS_WRITE_FAILED', `${what}: ${errno ?? String(error)}`, { cause: error })
}
