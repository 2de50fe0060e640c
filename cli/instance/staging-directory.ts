import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { isAlive } from './running-instance.ts'

/** A directory below `data` that no other sink on this machine stages in; what processes that are gone left is removed. */
export function ownStagingDirectory(data: string): string {
  const all = join(data, 'staging')
  mkdirSync(all, { recursive: true })
  for (const name of readdirSync(all)) {
    const pid = Number(/^sink-(\d+)$/.exec(name)?.[1])
    // In a container every process has the same number: a directory of that number is from before.
    if (pid === process.pid || (pid > 0 && !isAlive(pid))) rmSync(join(all, name), { recursive: true, force: true })
  }
  return join(all, `sink-${process.pid}`)
}
