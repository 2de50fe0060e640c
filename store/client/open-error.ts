import { accessSync, constants, existsSync, readFileSync, statfsSync } from 'node:fs'
import { join } from 'node:path'
import { errnoOf, NinefoldError } from '../../lib/errors.ts'
import { engineCodeOf, storeError } from './engine-errors.ts'

/** CANNOT_OPEN_FILE: the engine's lock file is held by somebody else, or may not be written. */
const cannotOpenFile = '76'
/** Of the binding, which keeps the engine's own code to itself when a directory cannot be opened. */
const cannotConnect = 'CHDB_CONNECTION'
const notPermitted = new Set(['EACCES', 'EROFS', 'EPERM', 'ENOTDIR'])

/**
 * An error while opening the embedded data directory, as a sentence that says what to do. The binding does not tell why the engine
 * refused, so the directory is looked at: may we write it, is there room, and does the process named in the engine's lock file live?
 */
export function openError(error: unknown, path: string): NinefoldError {
  if (notPermitted.has(errnoOf(error) ?? '')) return notWritable(error, path)
  const refused = errnoOf(error) === cannotConnect || engineCodeOf(error) === cannotOpenFile
  if (!refused) return storeError(error, `opening ${path}`)
  if (!isWritable(path) || !isWritable(lockFileOf(path))) return notWritable(error, path)
  const holder = lockHolder(path)
  if (holder !== undefined) {
    const message = `process ${holder} has the data directory ${path} open`
    return new NinefoldError('DATA_DIR_LOCKED', message, { cause: error, details: { pid: holder } })
  }
  if (statfsSync(path).bavail === 0) {
    return new NinefoldError('DISK_FULL', `no space left for the data directory ${path}`, { cause: error })
  }
  const message = `the engine cannot open the data directory ${path}; it printed the reason above`
  return new NinefoldError('STORE_QUERY_FAILED', message, { cause: error })
}

const lockFileOf = (path: string) => join(path, 'status')

function notWritable(error: unknown, path: string): NinefoldError {
  return new NinefoldError('DATA_DIR_NOT_WRITABLE', `the data directory ${path} cannot be written`, { cause: error })
}

function isWritable(path: string): boolean {
  if (!existsSync(path)) return true
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch (error) {
    if (notPermitted.has(errnoOf(error) ?? '')) return false
    throw error
  }
}

/** The living process that the engine's lock file names, if it is not this one. A killed process leaves the file behind. */
export function lockHolder(path: string): number | undefined {
  const file = lockFileOf(path)
  if (!existsSync(file)) return undefined
  const pid = Number(/^PID: (\d+)$/m.exec(readFileSync(file, 'utf8'))?.[1])
  if (!Number.isInteger(pid) || pid === process.pid) return undefined
  try {
    process.kill(pid, 0)
    return pid
  } catch (error) {
    // EPERM: it lives and belongs to another user.
    return errnoOf(error) === 'EPERM' ? pid : undefined
  }
}
