import { existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { errnoOf } from './errors.ts'

/**
 * Creates a directory and those above it. Unlike `mkdir` with `recursive` it ends where nothing can be created, below /proc for one.
 * @throws the system's error: ENOENT, EACCES, EROFS, ENOSPC, ENOTDIR …
 */
export function makeDirectory(path: string): void {
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
