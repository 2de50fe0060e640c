import { linkSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { errnoOf, NinefoldError } from '../../../lib/errors.ts'
import { diskError } from './disk-error.ts'

/**
 * One owner per directory. The lock file names a process by its id and start time, so that a killed owner's lock is recognised as stale
 * although its id may have been given to another process since.
 * @returns the function that lets go.
 * @throws DATA_DIR_LOCKED, DATA_DIR_NOT_WRITABLE, DISK_FULL.
 */
export function lockDirectory(directory: string): () => void {
  const lock = join(directory, 'lock')
  const own = `${lock}.${process.pid}`
  const identity = `${process.pid} ${startTimeOf(process.pid)}`
  try {
    writeFileSync(own, identity)
    for (let attempt = 0; attempt < 3; attempt++) {
      if (tryLink(own, lock)) return () => release(lock, identity)
      const holder = readHolder(lock)
      if (holder !== undefined && isAlive(holder)) {
        throw new NinefoldError('DATA_DIR_LOCKED', `process ${holder.pid} owns ${directory}`)
      }
      if (holder !== undefined) discard(lock, `${own}.stale`, holder)
    }
    throw new NinefoldError('DATA_DIR_LOCKED', `the lock of ${directory} changes hands too quickly`)
  } catch (error) {
    throw diskError(error, `locking ${directory}`)
  } finally {
    rmSync(own, { force: true })
  }
}

interface Holder {
  readonly pid: number
  readonly startTime: string
}

/** A link appears whole or not at all, which a file written in place does not. */
function tryLink(own: string, lock: string): boolean {
  try {
    linkSync(own, lock)
    return true
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false
    throw error
  }
}

function readHolder(lock: string): Holder | undefined {
  try {
    const [pid = '', startTime = ''] = readFileSync(lock, 'utf8').split(' ')
    return { pid: Number(pid), startTime }
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** Two may find the same stale lock: who moves the other's new one aside by mistake puts it back. */
function discard(lock: string, aside: string, stale: Holder): void {
  try {
    renameSync(lock, aside)
    const moved = readHolder(aside)
    if (moved?.pid !== stale.pid || moved.startTime !== stale.startTime) linkSync(aside, lock)
    unlinkSync(aside)
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error
  }
}

function release(lock: string, identity: string): void {
  const holder = readHolder(lock)
  if (holder !== undefined && `${holder.pid} ${holder.startTime}` === identity) rmSync(lock, { force: true })
}

function isAlive({ pid, startTime }: Holder): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (errnoOf(error) === 'ESRCH') return false
  }
  return startTimeOf(pid) === startTime
}

/** Clock ticks after boot at which the process began; empty where the system does not tell, which leaves the id alone to decide. */
function startTimeOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return ''
  }
}
