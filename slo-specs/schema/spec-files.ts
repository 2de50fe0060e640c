import { readdir, readFile, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { errnoOf } from '../../lib/errors.ts'
import type { FindingCode } from './finding-codes.ts'
import type { SpecFile } from './parse-specs.ts'

export interface FileLimits {
  readonly maxFileBytes: number
  readonly maxTotalBytes: number
  readonly maxFiles: number
  /** Levels of folders below a path that is given. */
  readonly maxFolderDepth: number
}

export const defaultFileLimits: FileLimits = {
  maxFileBytes: 2_000_000,
  maxTotalBytes: 64_000_000,
  maxFiles: 5_000,
  maxFolderDepth: 16,
}

export interface FileProblem {
  readonly code: FindingCode
  readonly file: string
  readonly message: string
}

interface Walk {
  readonly limits: FileLimits
  readonly files: SpecFile[]
  readonly problems: FileProblem[]
  /** Real paths already read, so that a file reached twice counts once. */
  readonly seen: Set<string>
  totalBytes: number
  full: boolean
}

/** The spec files below some paths, in order of their names; whatever cannot be read is a problem, never an exception. */
export async function readSpecFiles(
  paths: readonly string[],
  limits: FileLimits,
): Promise<{ files: readonly SpecFile[]; problems: readonly FileProblem[] }> {
  const walk: Walk = { limits, files: [], problems: [], seen: new Set(), totalBytes: 0, full: false }
  for (const path of paths) {
    const before = walk.files.length + walk.problems.length
    const seenBefore = walk.seen.size
    await readPath(path, { walk, isGiven: true, above: [] })
    if (walk.files.length + walk.problems.length === before && walk.seen.size > seenBefore)
      walk.problems.push({ code: 'SPEC_NO_DEFINITIONS', file: path, message: 'there are no .yaml or .yml files' })
  }
  return walk
}

interface At {
  readonly walk: Walk
  /** Named by the user, so that any file name is read. */
  readonly isGiven: boolean
  /** Real paths of the folders that led here. */
  readonly above: readonly string[]
}

async function readPath(path: string, at: At): Promise<void> {
  const { walk } = at
  if (walk.full) return
  try {
    const real = await realpath(path)
    const kind = await stat(real)
    if (kind.isDirectory()) await readFolder(path, real, at)
    else if (!at.isGiven && !/\.ya?ml$/.test(path)) return
    else if (kind.isFile()) await readOne(path, real, kind.size, walk)
    else
      walk.problems.push({ code: 'SPEC_FILE_UNREADABLE', file: path, message: 'this is neither a file nor a folder' })
  } catch (error) {
    const errno = errnoOf(error)
    if (errno === undefined) throw error
    // A broken link to something else than a spec concerns nobody here.
    if (!at.isGiven && !/\.ya?ml$/.test(path) && errno === 'ENOENT') return
    walk.problems.push(problemOf(path, errno))
  }
}

async function readFolder(path: string, real: string, { walk, above }: At): Promise<void> {
  if (above.includes(real)) {
    walk.problems.push({ code: 'SPEC_SYMLINK_LOOP', file: path, message: 'this link leads back to a folder above it' })
    return
  }
  if (walk.seen.has(real)) return
  walk.seen.add(real)
  if (above.length > walk.limits.maxFolderDepth) {
    const message = `folders nest deeper than ${walk.limits.maxFolderDepth} levels`
    walk.problems.push({ code: 'SPEC_TOO_LARGE', file: path, message })
    return
  }
  const names = (await readdir(path)).filter(name => !name.startsWith('.') && name !== 'node_modules').sort()
  for (const name of names) await readPath(join(path, name), { walk, isGiven: false, above: [...above, real] })
}

async function readOne(path: string, real: string, size: number, walk: Walk): Promise<void> {
  if (walk.seen.has(real)) return
  walk.seen.add(real)
  const { limits } = walk
  const tooLarge = (message: string) => walk.problems.push({ code: 'SPEC_TOO_LARGE', file: path, message })
  if (size > limits.maxFileBytes) {
    tooLarge(`the file has ${size} bytes, more than ${limits.maxFileBytes}`)
    return
  }
  if (walk.files.length >= limits.maxFiles || walk.totalBytes + size > limits.maxTotalBytes) {
    walk.full = true
    tooLarge(`more than ${limits.maxFiles} files or ${limits.maxTotalBytes} bytes; the rest is not read`)
    return
  }
  const bytes = await readFile(real)
  walk.totalBytes += bytes.length
  try {
    walk.files.push({ file: path, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) })
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    walk.problems.push({ code: 'SPEC_NOT_UTF8', file: path, message: 'the file is not UTF-8' })
  }
}

function problemOf(file: string, errno: string): FileProblem {
  if (errno === 'ELOOP') return { code: 'SPEC_SYMLINK_LOOP', file, message: 'this link leads to itself' }
  const reasons: Readonly<Record<string, string>> = { ENOENT: 'it does not exist', EACCES: 'permission denied' }
  return { code: 'SPEC_FILE_UNREADABLE', file, message: `cannot be read: ${reasons[errno] ?? errno}` }
}
