import { ClickHouseError } from '@clickhouse/client'
import { errnoOf, NinefoldError } from '../../lib/errors.ts'

/** Engine error codes that say the disk is full. */
const diskFull = new Set(['243', '75'])
/** … that the payload or statement is not to blame: network, timeouts, memory pressure, too many parts, shutting down. */
const unavailable = new Set(['159', '160', '209', '210', '241', '242', '252', '394', '439', '735', '999'])
const unavailableErrnos = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN'])

/** The engine's numeric code (`60` is UNKNOWN_TABLE), or undefined when the error is not the engine's. */
export function engineCodeOf(error: unknown): string | undefined {
  if (error instanceof ClickHouseError) return error.code
  // The embedded engine reports failures at open as plain errors whose text begins with the code.
  return error instanceof Error ? /Code: (\d+)/.exec(error.message)?.[1] : undefined
}

/** The engine's or the network's error as one of ours; `what` names the statement. */
export function storeError(error: unknown, what: string): NinefoldError {
  if (error instanceof NinefoldError) return error
  const code = engineCodeOf(error)
  const errno = errnoOf(error)
  const text = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
  const message = `${what}: ${text.slice(0, 500)}`
  const options = { cause: error, details: { engineCode: code ?? null } }
  if (errno === 'ENOSPC' || /No space left on device/.test(text) || (code !== undefined && diskFull.has(code))) {
    return new NinefoldError('DISK_FULL', message, options)
  }
  const passing = (code !== undefined && unavailable.has(code)) || (errno !== undefined && unavailableErrnos.has(errno))
  return new NinefoldError(passing ? 'STORE_UNAVAILABLE' : 'STORE_QUERY_FAILED', message, options)
}

/** An error while opening the embedded data directory, as a sentence that says what to do. */
export function openError(error: unknown, path: string): NinefoldError {
  const errno = errnoOf(error)
  const text = error instanceof Error ? error.message : String(error)
  if (engineCodeOf(error) === '76' || /lock file|Cannot lock/i.test(text)) {
    return new NinefoldError('DATA_DIR_LOCKED', `another process has the data directory ${path} open`, { cause: error })
  }
  if (errno === 'EACCES' || errno === 'EROFS' || /Permission denied|Read-only file system/i.test(text)) {
    return new NinefoldError('DATA_DIR_NOT_WRITABLE', `the data directory ${path} cannot be written`, { cause: error })
  }
  return storeError(error, `opening ${path}`)
}
