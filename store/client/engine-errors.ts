import { type ErrorCode, errnoOf, NinefoldError } from '../../lib/errors.ts'

/** Engine error codes that say the disk is full: NOT_ENOUGH_SPACE. */
const diskFull = new Set(['243'])
/** … that the statement is not to blame, by the engine's own names for them. */
const unavailable = new Set([
  '159', // TIMEOUT_EXCEEDED
  '160', // TOO_SLOW
  '202', // TOO_MANY_SIMULTANEOUS_QUERIES
  '209', // SOCKET_TIMEOUT
  '210', // NETWORK_ERROR
  '241', // MEMORY_LIMIT_EXCEEDED
  '242', // TABLE_IS_READ_ONLY: a replica that has lost its coordinator
  '252', // TOO_MANY_PARTS
  '319', // UNKNOWN_STATUS_OF_INSERT
  '279', // ALL_CONNECTION_TRIES_FAILED: a shard is away
  '285', // TOO_FEW_LIVE_REPLICAS
  '286', // UNSATISFIED_QUORUM_FOR_PREVIOUS_WRITE
  '297', // ALL_REPLICAS_ARE_STALE
  '394', // QUERY_WAS_CANCELLED
  '425', // SYSTEM_ERROR
  '439', // CANNOT_SCHEDULE_TASK
  '735', // QUERY_WAS_CANCELLED_BY_CLIENT
  '999', // KEEPER_EXCEPTION
])
/** … that the user may not do it, or is not who it says. */
const denied = new Set([
  '164', // READONLY
  '192', // UNKNOWN_USER
  '193', // WRONG_PASSWORD
  '194', // REQUIRED_PASSWORD
  '392', // QUERY_IS_PROHIBITED: such as DDL by a user whose profile forbids it
  '452', // SETTING_CONSTRAINT_VIOLATION
  '497', // ACCESS_DENIED
  '516', // AUTHENTICATION_FAILED
])
/** QUOTA_EXCEEDED */
const quotaExceeded = '201'
const unknownDatabase = '81'
/** UNKNOWN_SETTING: of settings that this project's statements use. */
const unknownSetting = '115'
/** … that a table is not as the statement takes it to be. When writing, the rows are not to blame for that: they wait. */
const otherSchema = new Set([
  '8', // THERE_IS_NO_COLUMN
  '10', // NOT_FOUND_COLUMN_IN_BLOCK
  '16', // NO_SUCH_COLUMN_IN_TABLE
  '20', // NUMBER_OF_COLUMNS_DOESNT_MATCH
  '47', // UNKNOWN_IDENTIFIER
  '48', // NOT_IMPLEMENTED: such as writing to a view
  '60', // UNKNOWN_TABLE
])
/** Written to a full disk, the engine's own write errors carry the system's number in their text only. */
const cannotWrite = new Set(['75', '1001'])

/**
 * The engine's numeric code (`60` is UNKNOWN_TABLE), or undefined when the error is not the engine's. Told by the form of the code, not
 * by the class: the embedded connection throws the class of another copy of the client's package.
 */
export function engineCodeOf(error: unknown): string | undefined {
  const code = errnoOf(error)
  if (code !== undefined && /^\d+$/.test(code)) return code
  // Some failures of the embedded engine are plain errors whose text has the code; this is the one place that reads it.
  return error instanceof Error ? /Code: (\d+)/.exec(error.message)?.[1] : undefined
}

/** The engine's or the network's error as one of ours; `what` names the statement. */
export function storeError(error: unknown, what: string, purpose: 'read' | 'write' = 'read'): NinefoldError {
  if (error instanceof NinefoldError) return error
  const code = engineCodeOf(error)
  const errno = errnoOf(error)
  const text = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
  const message = `${what}: ${shortened(text.trim())}`
  const options = { cause: error, details: { engineCode: code ?? null } }
  if (
    errno === 'ENOSPC' ||
    (code !== undefined && (diskFull.has(code) || (cannotWrite.has(code) && isNoSpace(text))))
  ) {
    return new NinefoldError('DISK_FULL', message, options)
  }
  const named = code === undefined ? undefined : namedError(code, purpose)
  if (named !== undefined) return new NinefoldError(named, message, options)
  // Without a code the engine has not judged the statement: no connection, a time-out, a proxy's answer, a closed store.
  const passing = code === undefined ? !isOurMistake(error) : unavailable.has(code)
  return new NinefoldError(passing ? 'STORE_UNAVAILABLE' : 'STORE_QUERY_FAILED', message, options)
}

/** Errors of a server's administration rather than of a statement. */
function namedError(code: string, purpose: 'read' | 'write'): ErrorCode | undefined {
  if (denied.has(code)) return 'STORE_ACCESS_DENIED'
  if (code === quotaExceeded) return 'STORE_QUOTA_EXCEEDED'
  if (code === unknownSetting) return 'STORE_TOO_OLD'
  if (code === unknownDatabase) return 'STORE_SCHEMA_MISMATCH'
  return purpose === 'write' && otherSchema.has(code) ? 'STORE_SCHEMA_MISMATCH' : undefined
}

/** A list of fifty columns stands between what is missing and where: both ends are kept. */
function shortened(text: string): string {
  return text.length <= 500 ? text : `${text.slice(0, 340)} … ${text.slice(-150)}`
}

/** `errno: 28` is how the engine prints ENOSPC. */
function isNoSpace(text: string): boolean {
  return /errno: 28\b|No space left on device/.test(text)
}

/** Errors that JavaScript itself throws, such as a result too long for a string: the same call fails again. */
function isOurMistake(error: unknown): boolean {
  return (
    error instanceof TypeError ||
    error instanceof RangeError ||
    error instanceof SyntaxError ||
    errnoOf(error) === 'ERR_STRING_TOO_LONG'
  )
}
